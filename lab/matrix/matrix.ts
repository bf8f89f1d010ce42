import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { cacheFolder } from '../build/cache-folder.ts'
import type { Row } from './row.ts'
import { runSuite, type SuiteRow } from './run-suite.ts'
import { type Suite, suitesOf } from './suites.ts'

/**
 * Runs what has no result for this commit, one suite after another, and gives every row: each promise of a port with
 * each product, also those that were not run and why. A changed work tree is run whole. What was not run is asked anew.
 * With `minutes` no suite begins that might not end in time.
 */
export async function matrix(
  root: string,
  { only = [], minutes = Infinity, say }: { only?: readonly string[]; minutes?: number; say: (line: string) => void },
): Promise<readonly Row[]> {
  const end = performance.now() + minutes * 60_000
  const suites = suitesOf(root)
  const wanted = suites.filter(
    ({ port, product }) => only.length === 0 || only.some((part) => `${port}/${product}`.includes(part)),
  )
  const folder = await resultFolder(root)
  const results: SuiteRow[] = []
  for (const suite of wanted) {
    const known = folder === undefined ? undefined : await knownResult(folder, suite)
    if (!known && performance.now() + longestSuite > end) {
      results.push(noTimeFor(suite, minutes))
      continue
    }
    if (!known) say(`running ${suite.port} with ${suite.product}`)
    const rows = known ?? (await runSteadily(suite, { root, say }))
    if (folder && !known && rows.every(({ result }) => result === 'pass')) await keep(folder, suite, rows)
    results.push(...rows)
  }
  return complete(results)
}

/** Milliseconds that a suite may take on a busy machine. */
const longestSuite = 10 * 60_000

function noTimeFor({ port, product }: Suite, minutes: number): SuiteRow {
  const reason = `no time left of ${minutes} minutes for all suites`
  return { port, product, promise: 'the suite runs', contract: false, result: 'not-run', reason }
}

/**
 * In CI a suite that failed is run once more, as tools/test.ts does with a file: a busy machine is no reason to refuse a
 * change. What only passed the second time is named: it is a fault to be mended.
 */
async function runSteadily(
  suite: Suite,
  { root, say }: { root: string; say: (line: string) => void },
): Promise<readonly SuiteRow[]> {
  const first = await runSuite(suite, root)
  const failed = first.filter(({ result }) => result === 'fail')
  if (!process.env['CI'] || failed.length === 0) return first
  for (const { promise, reason } of failed) say(`failed once: ${promise}: ${reason ?? ''}`)
  const second = await runSuite(suite, root)
  const unsteady = failed.filter(({ promise }) =>
    second.some((row) => row.promise === promise && row.result === 'pass'),
  )
  for (const { promise } of unsteady)
    say(`! ${suite.port} with ${suite.product}: ${promise}: passed only when repeated`)
  return second
}

/** Adds a row for each promise of a port that a product's suite did not tell of. */
export function complete(results: readonly SuiteRow[]): readonly Row[] {
  const rows: Row[] = results.map(toRow)
  for (const port of new Set(results.map((row) => row.port))) {
    const ofPort = results.filter((row) => row.port === port)
    const promises = new Set(ofPort.filter(({ contract }) => contract).map(({ promise }) => promise))
    for (const product of new Set(ofPort.map((row) => row.product))) {
      const own = ofPort.filter((row) => row.product === product)
      const reason =
        own.find(({ result }) => result === 'not-run')?.reason ?? `the suite of ${product} does not ask for it`
      for (const promise of promises)
        if (!own.some((row) => row.promise === promise))
          rows.push({ port, promise, product, result: 'not-run', reason })
    }
  }
  return rows
}

function toRow({ port, promise, product, result, reason }: SuiteRow): Row {
  return { port, promise, product, result, ...(reason === undefined ? {} : { reason }) }
}

/** Where results of this commit are kept, or nothing when files were changed since. */
async function resultFolder(root: string): Promise<string | undefined> {
  const git = (...argv: string[]) => execa('git', argv, { cwd: root }).then(({ stdout }) => stdout.trim())
  if ((await git('status', '--porcelain')) !== '') return undefined
  const folder = join(cacheFolder(), 'results', await git('rev-parse', 'HEAD'))
  await mkdir(folder, { recursive: true })
  return folder
}

async function knownResult(folder: string, suite: Suite): Promise<readonly SuiteRow[] | undefined> {
  const text = await readFile(resultFile(folder, suite), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as SuiteRow[])
}

async function keep(folder: string, suite: Suite, rows: readonly SuiteRow[]): Promise<void> {
  const file = resultFile(folder, suite)
  await writeFile(`${file}.new`, JSON.stringify(rows))
  await rename(`${file}.new`, file)
}

const resultFile = (folder: string, { port, product }: Suite): string =>
  join(folder, `${createHash('sha256').update(`${port}/${product}`).digest('hex').slice(0, 16)}.json`)
