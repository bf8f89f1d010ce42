import type { RepoRef } from '#model/names.ts'
import { sameRepo } from './disk.ts'

/** Runs work on one repository one after the other, and work on different ones side by side. */
export type Serial = <T>(repo: RepoRef, work: () => Promise<T>) => Promise<T>

export function serialByRepository(): Serial {
  const tails = new Map<string, Promise<unknown>>()
  return async (repo, work) => {
    const { owner, name } = sameRepo(repo)
    const key = `${owner}/${name}`
    const before = tails.get(key) ?? Promise.resolve()
    const turn = before.then(work, work)
    const tail = turn.catch(() => {})
    tails.set(key, tail)
    try {
      return await turn
    } finally {
      if (tails.get(key) === tail) tails.delete(key)
    }
  }
}
