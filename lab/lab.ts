import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from './build/build.ts'
import { matrix } from './matrix/matrix.ts'
import { countsOf, printMatrix } from './matrix/print-matrix.ts'
import { down } from './run/down.ts'
import { openLab } from './run/lab-place.ts'
import { status } from './run/status.ts'
import { buildable, up } from './run/up.ts'

const usage = `USAGE: npm run lab -- build [BINARY …] [--build-minutes N]    builds engines that are missing
       npm run lab -- up [ENGINE …] [--build-minutes N]       brings engines up, with what they need
       npm run lab -- status [--json] | down
       npm run lab -- matrix [PORT[/PRODUCT] …] [--json] [--minutes N]   runs what has no result for this commit`

const root = join(import.meta.dirname, '..')
const began = Date.now()
const say = (line: string) => console.error(`${((Date.now() - began) / 1_000).toFixed(1).padStart(7)} s  ${line}`)

process.exitCode = await main()

async function main(): Promise<number> {
  const { positionals, values } = readArguments()
  const [verb = '', ...names] = positionals
  const lab = openLab(say)
  const minutes = Number(values['build-minutes'] ?? 55)
  if (verb === 'build') return tell(await build(names.length > 0 ? names : buildable, { minutes, say }))
  if (verb === 'up') return tell(await up(lab, names, { minutes }))
  if (verb === 'down') return reportDown(await down(lab))
  if (verb === 'status') return printStatus(await status(lab), values.json === true)
  if (verb === 'matrix') {
    const all = Number(values.minutes ?? Infinity)
    return printRows(await matrix(root, { only: names, minutes: all, say }), values.json === true)
  }
  throw new Error(usage)
}

/** What is missing is said last, by name, with how many there are. */
function tell(results: readonly { name: string; result: string; reason?: string }[]): number {
  const missing = results.filter(({ result }) => result === 'not-run' || result === 'not-built')
  for (const { name, reason } of missing) console.log(`not-run ${name}: ${reason ?? 'no reason given'}`)
  console.log(`${results.length - missing.length} ready, ${missing.length} not run`)
  return missing.length > 0 ? 1 : 0
}

function reportDown(problems: readonly string[]): number {
  for (const problem of problems) console.error(problem)
  console.log(problems.length > 0 ? 'not everything ended' : 'the lab is down')
  return problems.length > 0 ? 1 : 0
}

function printStatus(standing: Awaited<ReturnType<typeof status>>, json: boolean): number {
  if (json) console.log(JSON.stringify(standing))
  else {
    for (const { name, state, address = '' } of standing.engines)
      console.log(`${name.padEnd(14)} ${state.padEnd(5)} ${address}`)
    for (const { name, state, pid = '', memory } of standing.processes)
      console.log(
        `  ${name.padEnd(26)} ${state.padEnd(5)} ${String(pid).padEnd(8)} ${memory === undefined ? '' : `${memory} MiB`}`,
      )
  }
  return 0
}

function printRows(rows: Awaited<ReturnType<typeof matrix>>, json: boolean): number {
  console.log(json ? JSON.stringify({ rows }) : `${printMatrix(rows)}\n\n${countsOf(rows)}`)
  return rows.some(({ result }) => result === 'fail') ? 1 : 0
}

function readArguments() {
  try {
    return parseArgs({
      options: { json: { type: 'boolean' }, minutes: { type: 'string' }, 'build-minutes': { type: 'string' } },
      allowPositionals: true,
    })
  } catch (error) {
    throw new Error(usage, { cause: error })
  }
}
