import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')

test('the last line counts, also what failed and what was skipped', async (t) => {
  const planted = join(tmpdir(), `fairway-planted-${process.pid}.test.ts`)
  await writeFile(
    planted,
    `import { test } from 'node:test'
     test('holds', () => {})
     test('breaks', () => { throw new Error('on purpose') })
     test('waits', { skip: 'no engine here' }, () => {})`,
  )
  t.after(() => rm(planted))

  const { code, lines } = await runTests({}, '--file', planted)

  assert.equal(lines.at(-1), '1 passed, 1 failed, 1 skipped')
  assert.equal(code, 1)
  assert.ok(lines.some((line) => line.includes('on purpose')))
  assert.ok(lines.some((line) => line.includes('no engine here')))
})

test('in CI a file that failed is run once more alone, and named when it then passes; elsewhere it fails at once', async (t) => {
  const planted = join(tmpdir(), `fairway-unsteady-${process.pid}.test.ts`)
  const tried = `${planted}.tried`
  await writeFile(
    planted,
    `import { test } from 'node:test'
     import { existsSync, writeFileSync } from 'node:fs'
     test('holds', () => {})
     test('is unsteady', () => {
       if (existsSync('${tried}')) return
       writeFileSync('${tried}', '')
       throw new Error('only the first time')
     })`,
  )
  t.after(() => Promise.all([rm(planted), rm(tried, { force: true })]))

  const here = await runTests({ CI: '' }, '--file', planted)
  await rm(tried)
  const ci = await runTests({ CI: 'true' }, '--file', planted)

  assert.equal(here.lines.at(-1), '1 passed, 1 failed')
  assert.equal(ci.lines.at(-1), '2 passed, 0 failed')
  assert.ok(ci.lines.some((line) => line.includes('only the first time')))
  assert.ok(ci.lines.some((line) => line.startsWith('! ') && line.includes('passed alone')))
})

test('a run without any test is not green', async () => {
  const { code, lines } = await runTests({}, 'no/such/path')

  assert.equal(lines.at(-1), '0 passed, 0 failed')
  assert.equal(code, 1)
})

test('a path chooses the tests below it', async () => {
  const { code, lines } = await runTests({}, 'src/model/pipeline')

  assert.match(lines.at(-1) ?? '', /^\d+ passed, 0 failed$/)
  assert.equal(lines.filter((line) => line.startsWith('✔')).length, 1)
  assert.equal(code, 0)
})

async function runTests(variables: NodeJS.ProcessEnv, ...argv: readonly string[]) {
  // An address spares the run a database that these tests do not use; the context would make it a subtest of this one.
  const env: NodeJS.ProcessEnv = { ...process.env, FAIRWAY_TEST_DATABASE: 'postgres://unused', ...variables }
  delete env.NODE_TEST_CONTEXT
  return new Promise<{ code: number; lines: string[] }>((resolve) => {
    execFile(process.execPath, [join(root, 'tools/test.ts'), ...argv], { env, cwd: root }, (error, stdout) => {
      resolve({ code: error ? Number(error.code) : 0, lines: stdout.trimEnd().split('\n') })
    })
  })
}
