import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type Run, terminalStates } from '#model/run.ts'
import { type ApiClient, dataOf } from '../../../src/client/client.ts'
import { apiAs } from '../../../testing/cli.ts'
import type { TestPlatform } from '../../../testing/start-platform.ts'
import { waitUntil } from '../../../testing/wait-until.ts'
import type { Moment } from './moments.ts'

export interface Kill {
  readonly run: string
  /** The step that ran, or had ended, when the kill came: as last seen before it. */
  readonly step: string
  readonly at: string
  readonly seconds: { readonly untilKill: number; readonly start: number; readonly all: number }
  readonly faults: string[]
}

/** Asks for a service, kills the control plane at the moment, starts it again and waits until the run has ended. */
export async function killedCreate(
  platform: TestPlatform,
  { service, moment }: { service: string; moment: Moment },
): Promise<Kill> {
  const began = performance.now()
  const api = await apiAs(platform, 'dev')
  const ask = () => create(api, { service, key })
  const key = randomUUID()
  const seen =
    moment.step === 'request'
      ? await askAndKill(platform, ask, moment)
      : await watchAndKill(platform, api, { run: await ask(), moment })
  const untilKill = performance.now()
  const startSeconds = await platform.start()
  // A client whose request got no answer repeats it with the same key.
  const run = await ask()
  const ended = await waitUntil(
    async () => {
      const now = await read(api, run)
      return terminalStates.includes(now.state) ? now : undefined
    },
    { what: `run ${run} to end`, ms: 120_000, everyMs: 50 },
  )
  const faults = ended.state === 'succeeded' ? [] : [`the run ended ${ended.state}: ${JSON.stringify(ended.error)}`]
  if (seen.run !== undefined && seen.run !== run) faults.push(`the repeated request got run ${run}, not ${seen.run}`)
  const seconds = {
    untilKill: (untilKill - began) / 1000,
    start: startSeconds,
    all: (performance.now() - began) / 1000,
  }
  return { run, step: seen.step, at: seen.at, seconds, faults }
}

interface Seen {
  readonly run?: string
  readonly step: string
  readonly at: string
}

async function askAndKill(platform: TestPlatform, ask: () => Promise<string>, { delayMs }: Moment): Promise<Seen> {
  const answer = ask().then(
    (run) => ({ run }),
    () => ({}),
  )
  await pause(delayMs)
  await platform.killControlPlane()
  return { ...(await answer), step: 'request', at: `request +${delayMs} ms` }
}

async function watchAndKill(
  platform: TestPlatform,
  api: ApiClient,
  { run, moment }: { run: string; moment: Moment },
): Promise<Seen> {
  const now = await waitUntil(
    async () => {
      const found = await read(api, run)
      return isReached(found, moment) || terminalStates.includes(found.state) ? found : undefined
    },
    { what: `run ${run} to reach ${moment.step}`, ms: 60_000, everyMs: 1 },
  )
  if (moment.delayMs > 0) await pause(moment.delayMs)
  await platform.killControlPlane()
  const last = now.steps.findLast(({ state }) => state !== 'pending')
  return { run, step: last?.name ?? 'begin', at: `${last?.name ?? 'begin'} ${last?.state ?? ''} +${moment.delayMs} ms` }
}

function isReached({ steps }: Run, { step, edge }: Moment): boolean {
  const state = steps.find(({ name }) => name === step)?.state
  return state === 'succeeded' || state === 'failed' || (edge === 'running' && state === 'running')
}

async function create(api: ApiClient, { service, key }: { service: string; key: string }): Promise<string> {
  const body = { template: 'http-api', name: service, owner: 'team-a', values: {}, dryRun: false }
  const headers = { 'idempotency-key': key }
  const { run } = (await dataOf(api.POST('/api/v1/services', { body, headers }))) as { run: Run }
  return run.id
}

async function read(api: ApiClient, id: string): Promise<Run> {
  return (await dataOf(api.GET('/api/v1/runs/{id}', { params: { path: { id } } }))) as Run
}
