import { join } from 'node:path'
import { commitTree, resolve, updateRef } from '#lib/git/commits.ts'
import { editTree, readTree, treeOf } from '#lib/git/trees.ts'
import type { TestPlatform } from './start-platform.ts'

/** A commit straight into the bare repository, as somebody with a shell on this machine could make it. */
export async function pastThePlatform(
  { data }: Pick<TestPlatform, 'data'>,
  { service = 'shop', environment, replicas }: { service?: string; environment: string; replicas: number },
): Promise<void> {
  const repo = { dir: join(data, 'git/fairway/delivery.git') }
  const main = (await resolve(repo, 'main')) ?? ''
  const path = `envs/${environment}/${service}/deployment.yaml`
  const now = (await readTree(repo, main)).find((file) => file.path === path)?.content ?? ''
  const content = now.replace(/replicas: \d+/, `replicas: ${replicas}`)
  const tree = await editTree(repo, { baseTree: (await treeOf(repo, main)) ?? '', write: [{ path, content }] })
  const author = { name: 'Mallory', email: 'mallory@example.com' }
  const at = new Date().toISOString()
  const commit = await commitTree(repo, { tree, parents: [main], message: 'More of it', author, at })
  await updateRef(repo, { ref: 'refs/heads/main', to: commit, from: main })
}
