import { branchTip } from '#lib/git/branch-tip.ts'
import { fileReader } from '#lib/git/read-files.ts'
import type { RepoRef } from '#model/names.ts'
import type { Files } from '#ports/git-host.ts'
import type { Disk } from './disk.ts'

/** Reading straight from the bare repositories. */
export function localFiles(disk: Disk): Files {
  return {
    resolve: async (repo, ref) => branchTip(await disk.need(repo), ref),
    ...fileReader<RepoRef>(async (repo, ref) => ({ repo: await disk.need(repo), ref })),
  }
}
