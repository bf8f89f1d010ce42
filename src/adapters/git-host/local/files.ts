import { changedFiles } from '#lib/git/changed-files.ts'
import { isObjectId } from '#lib/git/check-names.ts'
import { branchTip } from '#lib/git/branch-tip.ts'
import { log } from '#lib/git/commits.ts'
import { diffTrees } from '#lib/git/diff-trees.ts'
import { readNamed } from '#lib/git/blobs.ts'
import { checkPath, checkRevision } from '#lib/git/check-names.ts'
import { listTree, treeOf } from '#lib/git/trees.ts'
import type { Files } from '#ports/git-host.ts'
import type { Disk } from './disk.ts'

/** Reading straight from the bare repositories. */
export function localFiles(disk: Disk): Files {
  return {
    resolve: async (repo, ref) => branchTip(await disk.need(repo), ref),
    async read(repo, ref, path) {
      const [text] = await readNamed(await disk.need(repo), [`${checkRevision(ref)}:${checkPath(path)}`])
      return text
    },
    async readAll(repo, ref, paths) {
      const names = paths.map((path) => `${checkRevision(ref)}:${checkPath(path)}`)
      const texts = await readNamed(await disk.need(repo), names)
      return new Map(
        paths.flatMap((path, index) => (texts[index] === undefined ? [] : [[path, texts[index]] as const])),
      )
    },
    async list(repo, ref, prefix) {
      return (await listTree(await disk.need(repo), ref, prefix)).map((entry) => entry.path)
    },
    async history(repo, { since, files: withFiles, ...query }) {
      const from = since === undefined ? {} : isObjectId(since) ? { not: since } : { since }
      const at = await disk.need(repo)
      const commits = await log(at, { ...query, ...from })
      if (!withFiles) return commits
      const changed = await changedFiles(
        at,
        commits.map(({ commit }) => commit),
      )
      return commits.map((commit) => ({ ...commit, files: changed.get(commit.commit) ?? [] }))
    },
    diff: async (repo, query) => diffTrees(await disk.need(repo), query),
    tree: async (repo, ref, path) => treeOf(await disk.need(repo), ref, path),
  }
}
