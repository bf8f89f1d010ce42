import { readNamed } from './blobs.ts'
import { changedFiles } from './changed-files.ts'
import { checkPath, checkRevision, isObjectId } from './check-names.ts'
import { log, type LoggedCommit } from './commits.ts'
import { diffTrees } from './diff-trees.ts'
import type { GitRepository } from './run-git.ts'
import { listTree, treeOf } from './trees.ts'

/** A repository on this machine, and the name that a revision has in it. */
export interface Located {
  readonly repo: GitRepository
  readonly ref: string
}

interface HistoryQuery {
  readonly ref: string
  readonly path?: string
  readonly limit: number
  readonly since?: string
  readonly files?: boolean
}

/**
 * Reading from a bare repository, wherever it comes from: `locate` brings what a revision of `place` means here, or
 * says undefined when there is no such revision.
 */
export function fileReader<Place>(locate: (place: Place, ref: string) => Promise<Located | undefined>) {
  const named = async (place: Place, ref: string, paths: readonly string[]) => {
    const names = paths.map(checkPath)
    const at = await locate(place, ref)
    return at
      ? readNamed(
          at.repo,
          names.map((path) => `${checkRevision(at.ref)}:${path}`),
        )
      : []
  }
  return {
    read: async (place: Place, ref: string, path: string): Promise<string | undefined> =>
      (await named(place, ref, [path]))[0],
    async readAll(place: Place, ref: string, paths: readonly string[]): Promise<Map<string, string>> {
      const texts = await named(place, ref, paths)
      return new Map(paths.flatMap((path, at) => (texts[at] === undefined ? [] : [[path, texts[at]] as const])))
    },
    async list(place: Place, ref: string, prefix?: string): Promise<string[]> {
      const at = await locate(place, ref)
      return at ? (await listTree(at.repo, at.ref, prefix)).map((entry) => entry.path) : []
    },
    async history(
      place: Place,
      { ref, since, files, ...query }: HistoryQuery,
    ): Promise<(LoggedCommit & { files?: readonly string[] })[]> {
      const at = await locate(place, ref)
      if (!at) return []
      const isCommit = since !== undefined && isObjectId(since)
      if (isCommit && !(await locate(place, since))) return []
      const from = since === undefined ? {} : isCommit ? { not: since } : { since }
      const commits = await log(at.repo, { ...query, ref: at.ref, ...from })
      if (!files) return commits
      const changed = await changedFiles(
        at.repo,
        commits.map(({ commit }) => commit),
      )
      return commits.map((commit) => ({ ...commit, files: changed.get(commit.commit) ?? [] }))
    },
    async diff(place: Place, query: { from: string; to: string; path?: string }): ReturnType<typeof diffTrees> {
      const [from, to] = [await locate(place, query.from), await locate(place, query.to)]
      return from && to ? diffTrees(to.repo, { ...query, from: from.ref, to: to.ref }) : []
    },
    async tree(place: Place, ref: string, path: string): Promise<string | undefined> {
      const at = await locate(place, ref)
      return at && treeOf(at.repo, at.ref, path)
    },
  }
}
