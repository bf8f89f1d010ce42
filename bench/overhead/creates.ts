import { randomUUID } from 'node:crypto'
import { type ApiClient, dataOf } from '../../src/client/client.ts'
import { apiAs } from '../../testing/cli.ts'
import type { TestPlatform } from '../../testing/start-platform.ts'
import type { Figure } from '../../tools/bench.ts'
import { ended } from './ended.ts'
import { memoryOf } from './memory.ts'
import { timed } from './measure.ts'

const together = 20

/** One service from the shipped golden path until it is healthy, then twenty asked for in the same moment until all are. */
export async function createFigures(platform: TestPlatform): Promise<Figure[]> {
  const api = await apiAs(platform, 'dev')
  await created(api, ['warm-up'])
  const one = await timed(() => created(api, ['alone']))
  const before = await memoryOf(platform)
  const names = Array.from({ length: together }, (_, at) => `many-${at + 1}`)
  const many = await timed(() => created(api, names))
  const after = await memoryOf(platform)
  return [
    { name: 'one create to healthy', value: round(one), unit: 's' },
    {
      name: `${together} creates asked for at once, until all are healthy`,
      value: round(many),
      unit: 's',
      peer: { name: 'the same one after the other', value: round(one * together) },
      ratio: round(many / (one * together)),
    },
    {
      name: 'control plane memory before and after them',
      value: after,
      unit: 'MiB',
      peer: { name: 'before', value: before },
    },
  ]
}

async function created(api: ApiClient, names: readonly string[]): Promise<void> {
  const runs = await Promise.all(names.map((name) => start(api, name)))
  await Promise.all(runs.map((run) => ended(api, run)))
}

async function start(api: ApiClient, name: string): Promise<unknown> {
  const body = { template: 'http-api', name, owner: 'team-a', values: {}, dryRun: false }
  return dataOf(api.POST('/api/v1/services', { body, headers: { 'idempotency-key': randomUUID() } }))
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
