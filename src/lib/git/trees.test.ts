import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { commitTree, isAncestor, listRefs, log, mergeBase, resolve, updateRef, updateRefs } from './commits.ts'
import { diffTrees } from './diff-trees.ts'
import { exportTree } from './export-tree.ts'
import { mergeTrees } from './merge-trees.ts'
import { openWorkRepository } from './repository.ts'
import type { GitRepository } from './run-git.ts'
import { editTree, readTree, replaceFolder, treeOf, writeTree } from './trees.ts'

const author = { name: 'dev', email: 'dev@example.org' }
const at = '2026-01-02T03:04:05Z'

async function workRepository(t: TestContext): Promise<GitRepository> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-git-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return openWorkRepository(join(folder, 'objects.git'))
}

function commit(repo: GitRepository, tree: string, ...parents: string[]): Promise<string> {
  return commitTree(repo, { tree, parents, message: 'change', author, at })
}

test('files come back as they were written, with their mode, and leave no ref behind', async (t) => {
  const repo = await workRepository(t)
  const files = [
    { path: 'a "quoted" näme.txt', content: 'x\n' },
    { path: 'bin/run', content: '#!/bin/sh\n', mode: '100755' as const },
    { path: 'empty', content: '' },
    { path: 'src/deep/er/file.ts', content: 'no newline at the end' },
  ]

  const tree = await writeTree(repo, files)

  const read = await readTree(repo, tree)
  assert.deepEqual(
    read,
    files.map(({ path, content, mode = '100644' }) => ({ path, content, mode })),
  )
  assert.equal((await listRefs(repo, 'refs/fairway')).size, 0)
})

test('the same files give the same tree in any order, and the same commit the same id', async (t) => {
  const repo = await workRepository(t)
  const files = [
    { path: 'b', content: '2' },
    { path: 'a/c', content: '1' },
  ]

  const [one, two] = [await writeTree(repo, files), await writeTree(repo, files.toReversed())]

  assert.equal(one, two)
  assert.equal(await commit(repo, one), await commit(repo, two))
})

test('a path used as file and folder, or twice, is refused', async (t) => {
  const repo = await workRepository(t)
  const content = ''

  await assert.rejects(
    writeTree(repo, [
      { path: 'a', content },
      { path: 'a/b', content },
    ]),
    { code: 'GIT_REF_INVALID' },
  )
  await assert.rejects(
    writeTree(repo, [
      { path: 'a', content },
      { path: 'a', content },
    ]),
    { code: 'GIT_REF_INVALID' },
  )
})

test('replacing a folder leaves every other file as it was', async (t) => {
  const repo = await workRepository(t)
  const baseTree = await writeTree(repo, [
    { path: 'envs/dev/shop/a.yaml', content: 'old' },
    { path: 'envs/dev/other/a.yaml', content: 'kept' },
  ])
  const tree = await writeTree(repo, [{ path: 'b.yaml', content: 'new' }])

  const replaced = await replaceFolder(repo, { baseTree, path: 'envs/dev/shop', tree })
  const removed = await replaceFolder(repo, { baseTree, path: 'envs/dev/shop', tree: undefined })

  assert.deepEqual(
    (await readTree(repo, replaced)).map(({ path }) => path),
    ['envs/dev/other/a.yaml', 'envs/dev/shop/b.yaml'],
  )
  assert.equal(await treeOf(repo, replaced, 'envs/dev/shop'), tree)
  assert.equal(await treeOf(repo, removed, 'envs/dev/shop'), undefined)
  assert.equal(await treeOf(repo, removed, 'envs/dev/other'), await treeOf(repo, baseTree, 'envs/dev/other'))
})

test('editing a tree writes and removes the named files only', async (t) => {
  const repo = await workRepository(t)
  const baseTree = await writeTree(
    repo,
    ['a', 'b', 'c/d'].map((path) => ({ path, content: path })),
  )

  const edited = await editTree(repo, { baseTree, write: [{ path: 'c/e', content: 'new' }], remove: ['a'] })

  assert.deepEqual(
    (await readTree(repo, edited)).map(({ path }) => path),
    ['b', 'c/d', 'c/e'],
  )
})

test('a folder and its prefix namesake are not mixed up', async (t) => {
  const repo = await workRepository(t)
  const tree = await writeTree(
    repo,
    ['shop/a', 'shop-two/a', 'shop*/a'].map((path) => ({ path, content: path })),
  )

  assert.deepEqual(
    (await readTree(repo, tree, 'shop')).map(({ path }) => path),
    ['shop/a'],
  )
  assert.deepEqual(
    (await readTree(repo, tree, 'shop*')).map(({ path }) => path),
    ['shop*/a'],
  )
  assert.deepEqual(await readTree(repo, tree, 'absent'), [])
  assert.deepEqual(await readTree(repo, 'no-such-branch'), [])
})

test('a ref moves only from its expected value, and several move together or not at all', async (t) => {
  const repo = await workRepository(t)
  const first = await commit(repo, await writeTree(repo, [{ path: 'a', content: '1' }]))
  const second = await commit(repo, await writeTree(repo, [{ path: 'a', content: '2' }]), first)
  await updateRef(repo, { ref: 'refs/heads/main', to: first, from: 'absent' })

  const stale = updateRefs(repo, [
    { ref: 'refs/heads/other', to: second, from: 'absent' },
    { ref: 'refs/heads/main', to: second, from: second },
  ])

  await assert.rejects(stale, { code: 'CONFLICT' })
  await assert.rejects(updateRef(repo, { ref: 'refs/heads/main', to: first, from: 'absent' }), { code: 'CONFLICT' })
  assert.equal(await resolve(repo, 'other'), undefined)
  assert.equal(await resolve(repo, 'main'), first)
})

test('a tag named like a branch does not win over the branch', async (t) => {
  const repo = await workRepository(t)
  const first = await commit(repo, await writeTree(repo, [{ path: 'a', content: '1' }]))
  const second = await commit(repo, await writeTree(repo, [{ path: 'a', content: '2' }]))
  await updateRef(repo, { ref: 'refs/heads/main', to: first })
  await updateRef(repo, { ref: 'refs/tags/main', to: second })

  assert.equal(await resolve(repo, 'main'), first)
  assert.equal((await log(repo, { ref: 'main', limit: 1 }))[0]?.commit, first)
})

test('two changes to different files merge; changes to one line name the conflicting path', async (t) => {
  const repo = await workRepository(t)
  const tree = (a: string, b: string) =>
    writeTree(repo, [
      { path: 'x/a', content: a },
      { path: 'x/b', content: b },
    ])
  const base = await commit(repo, await tree('0', '0'))
  const ours = await commit(repo, await tree('1', '0'), base)
  const theirs = await commit(repo, await tree('0', '1'), base)
  const clash = await commit(repo, await tree('2', '0'), base)

  assert.deepEqual(await mergeTrees(repo, { ours, theirs }), { clean: true, tree: await tree('1', '1') })
  assert.deepEqual(await mergeTrees(repo, { base, ours, theirs }), { clean: true, tree: await tree('1', '1') })
  assert.deepEqual(await mergeTrees(repo, { ours, theirs: clash }), { clean: false, conflicts: ['x/a'] })
  assert.equal(await mergeBase(repo, ours, theirs), base)
  assert.equal(await isAncestor(repo, base, ours), true)
  assert.equal(await isAncestor(repo, ours, theirs), false)
})

test('a merge never carries one service’s change into another service’s folder', async (t) => {
  const repo = await workRepository(t)
  const text = (image: string) => `kind: Deployment\nlabel: same\nport: 80\nimage: ${image}\nreplicas: 1\nprobe: /\n`
  const base = await commit(repo, await writeTree(repo, [{ path: 'envs/dev/one/d.yaml', content: text('one') }]))
  const ours = await commit(repo, await writeTree(repo, [{ path: 'envs/dev/two/d.yaml', content: text('one') }]), base)
  const theirs = await commit(
    repo,
    await writeTree(repo, [{ path: 'envs/dev/one/d.yaml', content: text('evil') }]),
    base,
  )

  assert.deepEqual(await mergeTrees(repo, { ours, theirs }), { clean: false, conflicts: ['envs/dev/one/d.yaml'] })
})

test('changes to separate lines of one file merge; a file against a folder, or an edit against a deletion, does not', async (t) => {
  const repo = await workRepository(t)
  const text = (first: string, last: string) => [first, 'b', 'c', 'd', 'e', 'f', 'g', last, ''].join('\n')
  const tree = (content: string) => writeTree(repo, [{ path: 'list', content }])
  const base = await commit(repo, await tree(text('a', 'z')))
  const ours = await commit(repo, await tree(text('1', 'z')), base)
  const theirs = await commit(repo, await tree(text('a', '26')), base)
  const gone = await commit(repo, await writeTree(repo, [{ path: 'list/x', content: '' }]), base)
  const added = await commit(repo, await writeTree(repo, [{ path: 'new', content: '' }]), base)
  const folder = await commit(repo, await writeTree(repo, [{ path: 'new/x', content: '' }]), base)

  assert.deepEqual(await mergeTrees(repo, { ours, theirs }), { clean: true, tree: await tree(text('1', '26')) })
  assert.deepEqual(await mergeTrees(repo, { ours, theirs: gone }), { clean: false, conflicts: ['list', 'list/x'] })
  assert.deepEqual(await mergeTrees(repo, { ours: added, theirs: folder }), { clean: false, conflicts: ['new/x'] })
})

test('a difference shows both texts, counts lines, and leaves binary and huge files out', async (t) => {
  const repo = await workRepository(t)
  const from = await writeTree(repo, [
    { path: 'gone', content: 'a\nb\n' },
    { path: 'same', content: 's' },
    { path: 'text', content: 'one\ntwo\n' },
  ])
  const to = await writeTree(repo, [
    { path: 'binary', content: new Uint8Array([0, 1, 2]) },
    { path: 'huge', content: 'y\n'.repeat(150_000) },
    { path: 'same', content: 's' },
    { path: 'text', content: 'one\n2\nthree\n' },
  ])

  const changes = await diffTrees(repo, { from, to })

  assert.deepEqual(changes, [
    { path: 'binary', status: 'added', additions: 0, deletions: 0 },
    { path: 'gone', status: 'deleted', before: 'a\nb\n', additions: 0, deletions: 2 },
    { path: 'huge', status: 'added', additions: 150_000, deletions: 0 },
    { path: 'text', status: 'modified', before: 'one\ntwo\n', after: 'one\n2\nthree\n', additions: 2, deletions: 1 },
  ])
  assert.deepEqual((await diffTrees(repo, { from, to, path: 'text' })).length, 1)
})

test('the log gives trailers in order and filters by path, range and time', async (t) => {
  const repo = await workRepository(t)
  const first = await commit(repo, await writeTree(repo, [{ path: 'a', content: '1' }]))
  const second = await commitTree(repo, {
    tree: await writeTree(repo, [
      { path: 'a', content: '1' },
      { path: 'b', content: '1' },
    ]),
    parents: [first],
    message: 'Deploy shop\n\nBody: of two\nlines.\n\nRun-Id: run_1\nApproved-by: dev2\nApproved-by: platform',
    author: { name: 'Zoë <evil>\n', email: 'z@example.org' },
    at: '2026-02-01T00:00:00Z',
  })
  await updateRef(repo, { ref: 'refs/heads/main', to: second })

  const [newest, ...rest] = await log(repo, { ref: 'main', limit: 10 })

  assert.equal(rest.length, 1)
  assert.deepEqual(newest, {
    commit: second,
    parents: [first],
    author: 'Zoë evil',
    authorEmail: 'z@example.org',
    at: '2026-02-01T00:00:00.000Z',
    subject: 'Deploy shop',
    body: 'Body: of two\nlines.\n\nRun-Id: run_1\nApproved-by: dev2\nApproved-by: platform',
    trailers: [
      ['Run-Id', 'run_1'],
      ['Approved-by', 'dev2'],
      ['Approved-by', 'platform'],
    ],
  })
  assert.deepEqual(
    (await log(repo, { ref: 'main', path: 'a', limit: 10 })).map((entry) => entry.commit),
    [first],
  )
  assert.deepEqual(
    (await log(repo, { ref: 'main', not: first, limit: 10 })).map((entry) => entry.commit),
    [second],
  )
  assert.deepEqual((await log(repo, { ref: 'main', since: '2026-01-15T00:00:00Z', limit: 9 })).length, 1)
  for (const path of ['*', ':(glob)**', ':!b', '?'])
    assert.deepEqual(await log(repo, { ref: 'main', path, limit: 10 }), [], 'a path is a path, never a pattern')
  assert.deepEqual(await log(repo, { ref: 'absent', limit: 1 }), [])
})

test('an exported tree is plain files without Git data', async (t) => {
  const repo = await workRepository(t)
  const tree = await writeTree(repo, [{ path: 'bin/run', content: 'echo', mode: '100755' }])
  const folder = await mkdtemp(join(tmpdir(), 'fairway-export-'))
  t.after(() => rm(folder, { recursive: true, force: true }))

  await exportTree(repo, tree, folder)

  assert.equal(await readFile(join(folder, 'bin/run'), 'utf8'), 'echo')
})
