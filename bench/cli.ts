import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { fairwayProgram } from '../testing/cli.ts'
import type { Figure } from '../tools/bench.ts'

const turns = Number(process.env.FAIRWAY_BENCH_TURNS ?? 15)
const commands = [['--help'], ['run', 'show', '--help'], ['--version'], ['completion', 'bash']]
const run = promisify(execFile)

/** How long the command line takes to say what needs no server, beside the same Node.js that does nothing. */
export async function bench(): Promise<readonly Figure[]> {
  const bare = await medianOf(process.execPath, ['-e', '0'])
  const peer = { name: 'node -e 0, ms', value: bare }
  const figures: Figure[] = []
  for (const argv of commands) {
    const value = await medianOf(fairwayProgram, argv)
    const ratio = Math.round((value / bare) * 100) / 100
    figures.push({ name: `fairway ${argv.join(' ')}`, value, unit: 'ms', peer, ratio })
  }
  return figures
}

async function medianOf(program: string, argv: readonly string[]): Promise<number> {
  const times: number[] = []
  for (let turn = 0; turn <= turns; turn++) {
    const started = performance.now()
    await run(program, [...argv])
    times.push(performance.now() - started)
  }
  // the first fills the file cache and the compile cache
  const sorted = times.slice(1).toSorted((a, b) => a - b)
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)
}
