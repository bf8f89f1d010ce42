import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '#store/embedded-postgres.ts'
import { preparePlatform } from '../testing/start-platform.ts'
import type { Figure } from '../tools/bench.ts'
import { createFigures } from './overhead/creates.ts'
import { floodFigures } from './overhead/flood.ts'
import { soakFigures } from './overhead/soak.ts'
import { stepFigures } from './overhead/steps.ts'
import { verdictFigures } from './overhead/verdicts.ts'

/**
 * What the platform costs by itself: a durable step, a verdict, readers and a log flood, twenty creates at once, and
 * memory over time. FAIRWAY_BENCH_SOAK_MINUTES (5) is how long it is used for the last.
 */
export async function bench(): Promise<readonly Figure[]> {
  return [...told(await steps()), ...told(await verdictFigures()), ...(await wholePlatform())]
}

/** A bench of many minutes shows what it has so far. */
function told(figures: Figure[]): Figure[] {
  for (const { name, value, unit, peer } of figures)
    console.error(`${name}: ${value} ${unit}${peer ? ` (${peer.name}: ${peer.value})` : ''}`)
  return figures
}

async function steps(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-bench-steps-'))
  await chmod(folder, 0o755) // the database may run as a user of its own
  const server = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), log: () => {} })
  try {
    return await stepFigures(server.url)
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function wholePlatform(): Promise<Figure[]> {
  const platform = await preparePlatform()
  try {
    await platform.start()
    const creates = told(await createFigures(platform))
    const flood = told(await floodFigures(platform))
    return [...creates, ...flood, ...told(await soakFigures(platform))]
  } finally {
    await platform.remove()
  }
}
