import type { Run } from '#model/run.ts'
import { terminalStates } from '#model/run-states.ts'
import { dataOf } from '../../../src/client/client.ts'
import { waitUntil } from '../../../testing/wait-until.ts'
import type { Act, Asking } from './acts.ts'
import { faultsInAudit } from './judge-audit.ts'
import { faultsInGit } from './judge-git.ts'
import { faultsAtRuntime } from './judge-runtime.ts'
import { dropOrder, writeOrder } from './orders.ts'
import { nameOf, type Point } from './points.ts'

export interface Kill {
  readonly point: Point
  readonly run: string
  /** Whether the control plane died there. */
  readonly reached: boolean
  readonly seconds: { readonly start: number; readonly all: number }
  readonly faults: readonly string[]
}

/** What judges look at: an act, its run as it ended, and where it was cut off. */
export interface Judged {
  readonly act: Act
  readonly run: string
  readonly ended: Run
  readonly cut: Point | 'anywhere' | undefined
}

/** Asks, lets the control plane die at the point, starts it again, asks again and waits until the run has ended; then judges. */
export async function oneKill(asking: Asking, act: Act, point: Point): Promise<Kill> {
  const { platform } = asking
  const began = performance.now()
  writeOrder(platform.data, point)
  const first = await act.ask().catch(() => undefined) // the answer may die with the control plane
  const reached = await dies(asking, first)
  dropOrder(platform.data)
  const died = performance.now()
  const start = reached ? await platform.start() : 0
  const run = await act.ask()
  const ended = await runEnded(asking, run)
  const over = performance.now()
  const faults = [
    ...(reached ? [] : ['the run ended without coming to this point']),
    ...(first === undefined || first === run ? [] : [`the repeated request got run ${run}, not ${first}`]), // I9
    ...(await judge(asking, { act, run, ended, cut: point })),
  ]
  const all = (performance.now() - began) / 1000
  const parts = `${((died - began) / 1000).toFixed(1)} to die, ${start.toFixed(1)} to start, ${((over - died) / 1000 - start).toFixed(1)} to end`
  console.error([`${nameOf(point)}: ${all.toFixed(1)} s: ${parts}`, ...faults].join('\n  '))
  return { point, run, reached, seconds: { start, all }, faults: faults.map((fault) => `${nameOf(point)}: ${fault}`) }
}

/** An act that nobody cuts off; gives its faults. */
export async function undisturbed(asking: Asking, act: Act): Promise<string[]> {
  const run = await act.ask()
  return judge(asking, { act, run, ended: await runEnded(asking, run), cut: undefined })
}

/** What is wrong with a run that has ended; notes what it deployed. */
export async function judge(asking: Asking, judged: Judged): Promise<string[]> {
  const { act, ended } = judged
  // I7: ended well; what failed or waits would have to say why, and nothing here has a reason to.
  if (ended.state !== 'succeeded')
    return [`the run is ${ended.state}: ${JSON.stringify(ended.error ?? ended.waitingFor)}`]
  const faults = [
    ...(await faultsInGit(asking.platform.data, judged)),
    ...(await faultsInAudit(asking, judged)),
    ...(await faultsAtRuntime(asking.platform, judged)),
  ]
  act.service[act.environment].push(act.words)
  return faults
}

/** Whether the control plane dies; not, when the run ends before. */
async function dies(asking: Asking, run: string | undefined): Promise<boolean> {
  let dead = false
  void asking.platform.ended().then(() => (dead = true))
  const over = async () => {
    if (dead) return 'dead'
    if (run === undefined) return undefined
    const { state } = await read(asking, run)
    return terminalStates.includes(state) ? 'over' : undefined
  }
  return (await waitUntil(over, { what: 'the control plane to die', ms: 60_000, everyMs: 20 })) === 'dead'
}

export async function runEnded(asking: Asking, run: string, ms = 60_000): Promise<Run> {
  const over = async () => {
    const now = await read(asking, run)
    return terminalStates.includes(now.state) || now.state === 'waiting' ? now : undefined
  }
  return waitUntil(over, { what: `run ${run} to end`, ms, everyMs: 20 })
}

async function read({ api }: Asking, id: string): Promise<Run> {
  return (await dataOf(api.GET('/api/v1/runs/{id}', { params: { path: { id } } }))) as Run
}
