import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { commitTree, updateRef } from './commits.ts'
import { exportTree } from './export-tree.ts'
import { initBare } from './repository.ts'
import { type GitRepository, gitText, runGit } from './run-git.ts'

const me = { name: 'a', email: 'a@b' }

test('a tree that names itself over and over is refused before a file is written', async (t) => {
  const { folder, repo } = await place(t)
  let tree = await treeOf(repo, [`100644 blob ${await blob(repo, 'x'.repeat(100))}\tfile`])
  for (let level = 0; level < 10; level += 1)
    tree = await treeOf(
      repo,
      Array.from({ length: 10 }, (_, at) => `040000 tree ${tree}\td${at}`),
    )

  const exporting = exportTree(repo, await commit(repo, tree), join(folder, 'out'))

  await assert.rejects(exporting, { code: 'GIT_FAILED', message: /more than 50000 files/ })
  assert.deepEqual(await readdir(folder), ['repo.git'])
})

test('few files of very many bytes are refused too', async (t) => {
  const { folder, repo } = await place(t)
  const big = await blob(repo, 'x'.repeat(20_000_000))
  const tree = await treeOf(
    repo,
    Array.from({ length: 30 }, (_, at) => `100644 blob ${big}\tf${at}`),
  )

  const exporting = exportTree(repo, await commit(repo, tree), join(folder, 'out'))

  await assert.rejects(exporting, { code: 'GIT_FAILED', message: /more than 500 MB/ })
  assert.deepEqual(await readdir(folder), ['repo.git'])
})

async function place(t: TestContext): Promise<{ folder: string; repo: GitRepository }> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-export-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return { folder, repo: await initBare(join(folder, 'repo.git')) }
}

async function blob(repo: GitRepository, input: string): Promise<string> {
  return gitText(repo, ['hash-object', '-w', '--stdin'], { input })
}

async function treeOf(repo: GitRepository, entries: readonly string[]): Promise<string> {
  const { stdout } = await runGit(repo, ['mktree'], { input: `${entries.join('\n')}\n` })
  return stdout.toString().trim()
}

async function commit(repo: GitRepository, tree: string): Promise<string> {
  const id = await commitTree(repo, { tree, parents: [], message: 'x', author: me, at: '2026-01-01T00:00:00Z' })
  await updateRef(repo, { ref: 'refs/heads/main', to: id })
  return id
}
