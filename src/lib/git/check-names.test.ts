import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkBranch, checkPath, checkRef, checkRevision } from './check-names.ts'
import { badPaths, badRefs, badUrls } from '../../../testing/hostile-names.ts'
import { checkRemoteUrl } from './remote-url.ts'

const invalid = { code: 'GIT_REF_INVALID' }

test('names that Git or a shell could take for something else are refused as refs', () => {
  for (const name of badRefs) {
    assert.throws(() => checkBranch(name), invalid, JSON.stringify(name))
    assert.throws(() => checkRevision(name), invalid, JSON.stringify(name))
    assert.throws(() => checkRevision(`refs/heads/${name}`), invalid, JSON.stringify(name))
  }
})

test('ordinary branch names stay as they are', () => {
  for (const name of ['main', 'fairway/run_01', 'feature/ÄÖ', 'v1.2.3', 'a@b', "it's"])
    assert.equal(checkBranch(name), name)
})

test('a commit id is never taken for a branch, and a branch never for an option', () => {
  assert.throws(() => checkBranch('a'.repeat(40)), invalid)
  assert.throws(() => checkBranch('HEAD'), invalid)
  assert.equal(checkRevision('main'), 'refs/heads/main')
})

test('paths that could leave the repository or reach Git’s own folder are refused', () => {
  for (const path of badPaths) assert.throws(() => checkPath(path), invalid, JSON.stringify(path))
  for (const path of ['a', '.github/x.yml', 'a b/c', '.gitignore', 'a/git~x', 'src/ü.ts'])
    assert.equal(checkPath(path), path)
})

test('only https, and http to this machine where the remote says so, may be asked', () => {
  for (const url of badUrls) {
    assert.throws(() => checkRemoteUrl({ url }), invalid, url)
    assert.throws(() => checkRemoteUrl({ url, loopback: true }), invalid, url)
  }
  assert.throws(() => checkRemoteUrl({ url: 'http://127.0.0.1:7007/git/a/b.git' }), invalid)
  assert.doesNotThrow(() => checkRemoteUrl({ url: 'http://127.0.0.1:7007/git/a/b.git', loopback: true }))
  assert.doesNotThrow(() => checkRemoteUrl({ url: 'https://git.example.org/a/b.git' }))
})

test('no name that Git itself refuses is accepted', () => {
  const part = fc.constantFrom(
    'a',
    'B',
    '.',
    '..',
    '/',
    '//',
    '@',
    '{',
    '~',
    '^',
    ':',
    '?',
    '*',
    '[',
    '\\',
    '-',
    '.lock',
    ' ',
    '\t',
    '\u007f',
    'é',
    '@{',
  )
  const names = fc.sample(
    fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => `refs/heads/${parts.join('')}`),
    400,
  )
  const accepted = names.filter((name) => {
    try {
      return checkRef(name) === name
    } catch {
      return false
    }
  })

  assert.ok(accepted.length > 10)
  for (const name of new Set(accepted).values()) {
    const { status } = spawnSync('git', ['check-ref-format', name])
    assert.equal(status, 0, JSON.stringify(name))
  }
})
