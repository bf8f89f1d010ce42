import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foreignEntries, foreignRanges } from '../../../../testing/hostile/lock-entries.ts'
import { checkSources, safeLockfile } from './safe-lockfile.ts'

const lockWith = (entry: object, path = 'node_modules/dep') =>
  JSON.stringify({ name: 'shop', lockfileVersion: 3, packages: { '': { name: 'shop' }, [path]: entry } })

test('addresses go, digests stay: npm asks the operator’s registry and checks what it gets', () => {
  const entry = { version: '1.0.0', resolved: 'http://169.254.169.254/dep.tgz', integrity: 'sha512-x' }

  const safe = safeLockfile(lockWith(entry))

  assert.deepEqual(safe['packages'], { '': {}, 'node_modules/dep': { version: '1.0.0', integrity: 'sha512-x' } })
})

for (const [what, entry, path] of [
  ['a Git repository', { version: '1.0.0', resolved: 'git+ssh://git@example.com/x.git#abc' }],
  ['a file', { version: '1.0.0', resolved: 'file:../../login-key' }],
  ['an address as version', { version: 'https://example.com/x.tgz' }],
  ['a link', { link: true, resolved: '../outside' }],
  ['a folder beside', { version: '1.0.0' }, 'packages/other'],
  ['a path upwards', { version: '1.0.0' }, 'node_modules/../../x'],
] as const)
  test(`a lockfile with ${what} is PIPELINE_INVALID and says what to do`, () => {
    assert.throws(() => safeLockfile(lockWith(entry, path)), {
      code: 'PIPELINE_INVALID',
      message: /from the registry only/,
      hint: /publish it to the registry/,
    })
  })

test('a lockfile of version 1 is refused with the command that mends it', () => {
  const text = JSON.stringify({ lockfileVersion: 1, dependencies: { dep: { version: '1.0.0' } } })

  assert.throws(() => safeLockfile(text), { code: 'PIPELINE_INVALID', hint: /npm install --package-lock-only/ })
})

for (const spec of ['^1.0.0', '>=1 <3 || 5.x', 'latest', '*', '', 'npm:other@1.0.0', 'npm:@scope/other@^2', '$dep'])
  test(`a dependency on ${JSON.stringify(spec)} comes from the registry`, () => {
    checkSources({ dependencies: { dep: spec }, overrides: { one: { dep: spec } } })
  })

for (const spec of ['http://127.0.0.1:7007/x.tgz', 'git+https://h/x', 'owner/repository', 'github:o/r', 'file:../x'])
  test(`a dependency on ${spec} is refused, also where it is nested`, () => {
    assert.throws(() => checkSources({ dependencies: { dep: spec } }), { code: 'PIPELINE_INVALID' })
    assert.throws(() => checkSources({ overrides: { one: { two: { dep: spec } } } }), { code: 'PIPELINE_INVALID' })
  })

test('no entry and no range of the corpus makes an install look elsewhere', () => {
  for (const [what, entry] of Object.entries(foreignEntries))
    assert.throws(() => safeLockfile(lockWith(entry)), { code: 'PIPELINE_INVALID' }, what)
  for (const range of foreignRanges)
    assert.throws(() => checkSources({ dependencies: { dep: range } }), { code: 'PIPELINE_INVALID' }, range)
})
