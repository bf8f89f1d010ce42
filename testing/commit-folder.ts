import { commitTree, resolve as resolveCommit, updateRef } from '#lib/git/commits.ts'
import type { GitRepository } from '#lib/git/run-git.ts'
import { replaceFolder, treeOf, writeTree } from '#lib/git/trees.ts'
import type { Place } from '#ports/delivery.ts'

/** One more commit on main that makes the folder of the place exactly these files, or removes it. */
export async function commitFolder(
  repo: GitRepository,
  place: Place | string | undefined,
  files: Readonly<Record<string, string>> | undefined,
): Promise<string> {
  const parent = await resolveCommit(repo, 'main')
  const baseTree = parent && (await treeOf(repo, parent))
  const entries = Object.entries(files ?? {}).map(([path, content]) => ({ path, content }))
  const folder = place && files ? await writeTree(repo, entries) : undefined
  const tree = place
    ? await replaceFolder(repo, {
        baseTree,
        path: typeof place === 'string' ? place : `envs/${place.environment}/${place.service}`,
        tree: folder,
      })
    : await writeTree(repo, [{ path: 'README.md', content: 'delivery' }])
  const author = { name: 'fairway', email: 'fairway@localhost' }
  const message = `state ${crypto.randomUUID()}`
  const commit = await commitTree(repo, { tree, parents: parent ? [parent] : [], message, author, at: new Date() })
  await updateRef(repo, { ref: 'refs/heads/main', to: commit })
  return commit
}
