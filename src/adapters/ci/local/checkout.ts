import { lchown, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { resolve } from '#lib/git/commits.ts'
import { readNamed } from '#lib/git/blobs.ts'
import { exportTree } from '#lib/git/export-tree.ts'
import { fetchRefs, type RemoteAccess } from '#lib/git/remote.ts'
import { openWorkRepository } from '#lib/git/repository.ts'
import { gitText, type GitRepository } from '#lib/git/run-git.ts'
import { PlatformError } from '#errors/platform-error.ts'
import type { RepoRef } from '#model/names.ts'

/** One commit, read from Git objects: what a link in the working tree points at never matters. */
export interface Checkout {
  /** Seconds since 1970. */
  readonly committedAt: number
  file(path: string): Promise<string | undefined>
  /** Writes the commit's files, without Git data, into a folder and gives them to the user that will run there. */
  exportTo(folder: string, owner: { uid?: number; gid?: number }): Promise<void>
}

/** Fetches exactly the commit with the platform's credential, into a mirror that children cannot enter. */
export async function checkout(
  mirrors: string,
  { repo, commit, remote }: { repo: RepoRef; commit: string; remote: RemoteAccess },
): Promise<Checkout> {
  const mirror = await openWorkRepository(join(mirrors, repo.owner, `${repo.name}.git`))
  if (!(await resolve(mirror, commit))) await fetchRefs(mirror, remote, [{ from: commit, to: `refs/builds/${commit}` }])
  if (!(await resolve(mirror, commit)))
    throw new PlatformError('GIT_FAILED', `${repo.owner}/${repo.name} does not have commit ${commit}`)
  return {
    committedAt: Number(await gitText(mirror, ['show', '--no-patch', '--format=%ct', '--end-of-options', commit])),
    file: (path) => readFile(mirror, commit, path),
    async exportTo(folder, { uid, gid }) {
      await exportTree(mirror, commit, folder)
      if (uid !== undefined && gid !== undefined) await giveAll(folder, uid, gid)
    },
  }
}

async function readFile(mirror: GitRepository, commit: string, path: string): Promise<string | undefined> {
  const [text] = await readNamed(mirror, [`${commit}:${path}`])
  return text
}

async function giveAll(path: string, uid: number, gid: number): Promise<void> {
  await lchown(path, uid, gid)
  for (const entry of await readdir(path, { withFileTypes: true, recursive: true })) {
    await lchown(join(entry.parentPath, entry.name), uid, gid)
  }
}
