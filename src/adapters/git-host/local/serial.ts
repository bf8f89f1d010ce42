import { serialByKey } from '#lib/serial.ts'
import { type RepoRef, repoName } from '#model/names.ts'
import { sameRepo } from './disk.ts'

/** Runs work on one repository one after the other, and work on different ones side by side. */
export type Serial = <T>(repo: RepoRef, work: () => Promise<T>) => Promise<T>

export function serialByRepository(): Serial {
  const serial = serialByKey()
  return (repo, work) => serial(repoName(sameRepo(repo)), work)
}
