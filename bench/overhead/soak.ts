import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiClient, dataOf } from '../../src/client/client.ts'
import { apiAs } from '../../testing/cli.ts'
import type { TestPlatform } from '../../testing/start-platform.ts'
import { push, releaseRunOf, tell } from '../../test/journeys/first-service/story.ts'
import type { Figure } from '../../tools/bench.ts'
import { ended } from './ended.ts'
import { memoryOf } from './memory.ts'
import { quantile } from './measure.ts'

const service = 'alone'
const path = { name: service }
const minutes = Number(process.env['FAIRWAY_BENCH_SOAK_MINUTES'] ?? 5)

/**
 * Memory of the control plane while one person promotes, rolls back and reads without a pause. The first third warms up;
 * growth is the median of the last third against the one before.
 */
export async function soakFigures(platform: TestPlatform): Promise<Figure[]> {
  const api = await apiAs(platform, 'dev')
  await secondRelease(platform, api)
  const samples: { at: number; value: number }[] = []
  const began = performance.now()
  const elapsed = () => (performance.now() - began) / 60_000
  let rounds = 0
  while (elapsed() < minutes) {
    await oneRound(api)
    rounds++
    samples.push({ at: elapsed(), value: await memoryOf(platform) })
  }
  const third = (from: number) =>
    quantile(
      samples
        .filter(({ at }) => at >= (minutes * from) / 3 && at < (minutes * (from + 1)) / 3)
        .map(({ value }) => value),
      0.5,
    )
  const [middle, last] = [third(1), third(2)]
  return [
    { name: `rounds of promote, roll back and reading in ${minutes} minutes`, value: rounds, unit: 'rounds' },
    {
      name: 'control plane memory in the last third of them (aim: no growth)',
      value: last,
      unit: 'MiB',
      peer: { name: 'in the third before', value: middle },
      ratio: Math.round((last / middle) * 100) / 100,
    },
  ]
}

/** A second release, so that there is something to promote and to roll back for ever. */
async function secondRelease(platform: TestPlatform, api: ApiClient): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-bench-clone-'))
  const story = tell(platform, { clone: join(folder, service), api, service })
  await promote(api)
  await story.cli('login', '--as', 'dev')
  await story.cli('clone', service, story.clone)
  const file = join(story.clone, 'src/app.ts')
  await writeFile(file, `${await readFile(file, 'utf8')}\n// changed\n`)
  await releaseRunOf(story, await push(story, 'Change the code'))
  await rm(folder, { recursive: true, force: true })
}

async function oneRound(api: ApiClient): Promise<void> {
  await promote(api)
  const body = { environment: 'staging', dryRun: false }
  await ended(
    api,
    await dataOf(api.POST('/api/v1/services/{name}/rollbacks', { params: { path }, body, headers: key() })),
  )
  const query = { environment: 'dev', limit: 500 }
  for (let turn = 0; turn < 20; turn++) {
    await dataOf(api.GET('/api/v1/home'))
    await dataOf(api.GET('/api/v1/services/{name}', { params: { path } }))
    await dataOf(api.GET('/api/v1/services/{name}/activity', { params: { path, query: {} } }))
    await dataOf(api.GET('/api/v1/services/{name}/logs', { params: { path, query } }))
  }
}

async function promote(api: ApiClient): Promise<void> {
  const body = { to: 'staging', dryRun: false }
  await ended(
    api,
    await dataOf(api.POST('/api/v1/services/{name}/promotions', { params: { path }, body, headers: key() })),
  )
}

function key(): { 'idempotency-key': string } {
  return { 'idempotency-key': randomUUID() }
}
