import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pipeline } from './pipeline.ts'

const valid = {
  apiVersion: 'fairway.dev/v1',
  kind: 'Pipeline',
  spec: {
    node: '24',
    install: { lockfile: 'package-lock.json' },
    steps: [{ name: 'build', run: ['npm', 'run', 'build'] }],
    output: { folder: 'dist', entry: ['server.js'] },
  },
}

function withSpec(spec: object) {
  return Pipeline.safeParse({ ...valid, spec: { ...valid.spec, ...spec } })
}

test('a pipeline of argument lists and paths inside the repository is accepted', () => {
  assert.deepEqual(Pipeline.parse(valid), valid)
})

test('a shell line in place of an argument list is refused', () => {
  assert.equal(withSpec({ steps: [{ name: 'build', run: 'npm run build && curl x' }] }).success, false)
})

test('paths that leave the repository are refused', () => {
  for (const folder of ['..', '../x', 'a/../../x', '/etc', '.', './dist', 'dist/', 'a//b', '', 'a\\..\\b', 'dist\n'])
    assert.equal(withSpec({ output: { folder, entry: ['server.js'] } }).success, false, folder)
  for (const folder of ['dist', 'out/app', '.output', 'a..b'])
    assert.equal(withSpec({ output: { folder, entry: ['server.js'] } }).success, true, folder)
})

test('two steps with one name are refused, since results are reported by name', () => {
  const step = { name: 'test', run: ['npm', 'test'] }

  assert.equal(withSpec({ steps: [step, step] }).success, false)
})

test('an unknown key is refused instead of ignored', () => {
  assert.equal(withSpec({ environment: { TOKEN: 'x' } }).success, false)
})
