import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { execa } from 'execa'
import { complete, matrix } from './matrix.ts'
import { countsOf, printMatrix } from './print-matrix.ts'
import type { SuiteRow } from './run-suite.ts'

const row = (product: string, promise: string, rest: Partial<SuiteRow> = {}): SuiteRow => ({
  port: 'logs',
  product,
  promise,
  contract: true,
  result: 'pass',
  ...rest,
})

test('a promise that a product’s suite does not tell of is a row that says so, with the reason of the skipped suite', () => {
  const rows = complete([
    row('local', 'a line comes back'),
    row('loki', 'loki', { contract: false, result: 'not-run', reason: 'the lab has no loki' }),
  ])

  assert.deepEqual(rows.at(-1), {
    port: 'logs',
    product: 'loki',
    promise: 'a line comes back',
    result: 'not-run',
    reason: 'the lab has no loki',
  })
})

test('what only one product promises asks nothing of the others', () => {
  const rows = complete([
    row('local', 'a line comes back'),
    row('loki', 'a line comes back'),
    row('loki', 'tail', { contract: false }),
  ])

  assert.equal(rows.length, 3)
})

test('the table has a column for each product, counts every cell and tells each reason', () => {
  const rows = complete([row('local', 'kept'), row('loki', 'kept', { result: 'fail', reason: 'nothing came' })])

  const text = printMatrix(rows)

  assert.match(text, /local {2}loki/)
  assert.match(text, /✔ +✖ +kept/)
  assert.match(text, /✖ loki: kept: nothing came/)
  assert.equal(countsOf(rows), '1 passed, 1 failed, 0 skipped')
})

test('a suite that might not end in time does not begin, and its row says so', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'fairway-matrix-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  await execa('git', ['init', '--quiet', root])
  const folder = join(root, 'src/adapters/logs/some')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'some.lab.test.ts'), "throw new Error('it began')")

  const rows = await matrix(root, { minutes: 5, say: () => {} })

  assert.deepEqual(
    rows.map(({ product, result, reason }) => [product, result, reason]),
    [['some', 'not-run', 'no time left of 5 minutes for all suites']],
  )
})
