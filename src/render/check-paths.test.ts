import assert from 'node:assert/strict'
import { posix, win32 } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkPath, checkTree } from './check-paths.ts'

const hostile = [
  '',
  '/etc/passwd',
  '../x',
  'a/../../x',
  'a/./b',
  'a//b',
  'a/',
  'a\0b',
  'a\\b',
  'C:/x',
  'C:x',
  'a%2e%2e/x',
  '%2e%2e%2fx',
  '.git/config',
  '.GIT/hooks/pre-commit',
  '.git./x',
  '.git /x',
  'git~1/x',
  '.gitmodules',
  '.g\u200cit/x',
  'a\nb',
  'a:b',
  'nul',
  'COM1.txt',
  '．．/x',
  '\u202egit.exe',
]

test('a path that could lead outside, into .git or to another file is refused', () => {
  for (const path of hostile) assert.ok(checkPath(path), JSON.stringify(path))
})

test('paths of ordinary repositories are fine', () => {
  const ordinary = [
    'README.md',
    '.github/workflows/ci.yml',
    '.gitignore',
    '.fairway/lock.yaml',
    'src/[id]/(group)/a+b.ts',
  ]
  for (const path of [...ordinary, 'docs/with space.md', '@types/x.d.ts'])
    assert.equal(checkPath(path), undefined, path)
})

test('two paths that one file system takes for the same are refused', () => {
  const collisions = [
    ['a.txt', 'a.txt'],
    ['README.md', 'readme.md'],
    ['src/a', 'SRC/b'],
    ['a', 'a/b'],
  ]
  for (const paths of collisions) assert.ok(checkTree(paths), paths.join(' '))
  assert.equal(checkTree(['a/b', 'a/c', 'ab']), undefined)
})

test('no accepted path leaves its folder, on POSIX or Windows', () => {
  const pieces = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...hostile, '..', '.', '/', '\\', 'C:', 'a'))
  const paths = fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join('/'))
  fc.assert(
    fc.property(paths, (path) => {
      if (checkPath(path) !== undefined) return
      assert.equal(posix.join('/root', path), `/root/${path}`)
      assert.equal(win32.resolve('D:\\root', path), `D:\\root\\${path.replaceAll('/', '\\')}`)
      assert.doesNotMatch(path, /(^|\/)\.git(\/|$)/i)
    }),
    { numRuns: 5_000 },
  )
})
