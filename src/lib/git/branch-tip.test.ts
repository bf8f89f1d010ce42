import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { branchTip } from './branch-tip.ts'
import { commitTree, updateRefs } from './commits.ts'
import { gitText } from './run-git.ts'
import { openWorkRepository } from './repository.ts'

test('a branch is the same commit whether it lies in a file of its own, is packed, is gone or is named by an id', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'fairway-tip-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  const repo = await openWorkRepository(dir)
  const tree = await gitText(repo, ['hash-object', '-t', 'tree', '-w', '--stdin'], { input: '' })
  const author = { name: 'somebody', email: 'somebody@example.com' }
  const commit = await commitTree(repo, { tree, parents: [], message: 'one', author, at: new Date(0) })
  await updateRefs(repo, [{ ref: 'refs/heads/main', to: commit }])

  assert.equal(await branchTip(repo, 'main'), commit)
  await gitText(repo, ['pack-refs', '--all'])
  assert.equal(await branchTip(repo, 'main'), commit)
  assert.equal(await branchTip(repo, commit), commit)
  assert.equal(await branchTip(repo, 'absent'), undefined)
  await assert.rejects(branchTip(repo, '../../HEAD'), { code: 'GIT_REF_INVALID' })
})
