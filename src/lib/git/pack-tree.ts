import { isObjectId } from './check-names.ts'
import { PlatformError } from '#errors/platform-error.ts'
import { type GitRepository, runGit } from './run-git.ts'

/** Everything that a tree needs, as one pack that stands alone. */
export async function packTree(repo: GitRepository, tree: string): Promise<Buffer> {
  if (!isObjectId(tree)) throw new PlatformError('GIT_REF_INVALID', `${JSON.stringify(tree)} is no tree`)
  const { stdout } = await runGit(repo, ['pack-objects', '--revs', '--stdout', '--quiet'], { input: `${tree}\n` })
  return stdout
}

/** Puts the objects of a pack into the repository; what is there stays. Damage and gaps are refused. */
export async function unpackTree(repo: GitRepository, pack: Uint8Array): Promise<void> {
  await runGit(repo, ['unpack-objects', '--strict', '-q'], { input: pack })
}
