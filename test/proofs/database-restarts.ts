import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { findEmbeddedPostgres } from '#store/embedded-postgres.ts'
import { apiAs } from '../../testing/cli.ts'
import { preparePlatform, type TestPlatform } from '../../testing/start-platform.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import { type Act, actOn, type Asking, type Service } from './crash-grid/acts.ts'
import { faultsAtEnd } from './crash-grid/judge-end.ts'
import { judge, runEnded } from './crash-grid/one-kill.ts'

/** Two runs in every test run, twenty for `npm run prove`. */
export const small = 2
export const usual = 20

/**
 * Creates `size` services at once while PostgreSQL is ended again and again, by an immediate shutdown or kill -9 of its
 * postmaster. Holds when every request that was accepted gives one run, each run ends well, and nothing was done twice:
 * judged as in crash-grid.
 */
export async function prove({ seed, size }: { seed: number; size: number }): Promise<{
  holds: boolean
  figures: Record<string, unknown>
}> {
  const platform = await preparePlatform([join(import.meta.dirname, 'crash-grid/control-plane.ts')])
  try {
    await platform.start()
    const asking = { platform, api: await apiAs(platform, 'dev'), auditor: await apiAs(platform, 'auditor') }
    const services = Array.from({ length: size }, (_, index): Service => {
      return { name: `outage-${index + 1}`, dev: [], staging: [], pushes: 0 }
    })
    const began = performance.now()
    const outages = endAgainAndAgain(platform, drawOutages(seed, size))
    const ended = await Promise.all(services.map((service) => liveThrough(asking, service)))
    const seconds = (performance.now() - began) / 1000
    const ends = await outages.stop()
    const faults = ended.flatMap(({ act, run, faults: own }) =>
      own.map((fault) => `${act.service.name} ${run}: ${fault}`),
    )
    faults.push(...(await faultsAtEnd(asking, services)))
    const figures = { runs: size, succeeded: services.filter(({ dev }) => dev.length > 0).length, ...ends }
    return { holds: faults.length === 0, figures: { ...figures, seconds: Number(seconds.toFixed(1)), faults } }
  } catch (error) {
    console.error(await platform.words())
    throw error
  } finally {
    await platform.remove()
  }
}

/** Asks until the request is accepted, asks again, waits for the end and judges. */
async function liveThrough(asking: Asking, service: Service): Promise<{ act: Act; run: string; faults: string[] }> {
  const act = actOn(asking, 'create-service', service)
  const accepted = () =>
    waitUntil(() => act.ask(), { what: `${service.name} to be accepted`, ms: 60_000, everyMs: 200 })
  const run = await accepted()
  const again = await accepted()
  const ended = await runEnded(asking, run, 600_000)
  const faults = await waitUntil(() => judge(asking, { act, run, ended, cut: 'anywhere' }), { what: 'a verdict' })
  return { act, run, faults: again === run ? faults : [`the repeated request got run ${again}`, ...faults] }
}

interface Outage {
  readonly afterMs: number
  readonly signal: 'SIGQUIT' | 'SIGKILL'
}

/** The same seed gives the same outages, one for each run and three more at most. */
function drawOutages(seed: number, size: number): Outage[] {
  const afterMs = fc.integer({ min: 500, max: 6_000 })
  const signal = fc.constantFrom('SIGQUIT' as const, 'SIGKILL' as const)
  return fc.sample(fc.record({ afterMs, signal }), { seed, numRuns: size + 3 })
}

function endAgainAndAgain(platform: TestPlatform, outages: readonly Outage[]) {
  const stopping = new AbortController()
  const counts = { immediateShutdowns: 0, postmasterKills: 0 }
  const ending = (async () => {
    for (const { afterMs, signal } of outages) {
      await pause(afterMs, undefined, { signal: stopping.signal }).catch(() => {})
      const server = stopping.signal.aborted ? undefined : await findEmbeddedPostgres(join(platform.data, 'postgres'))
      if (!server) continue
      process.kill(server.pid, signal)
      counts[signal === 'SIGQUIT' ? 'immediateShutdowns' : 'postmasterKills']++
      console.error(`PostgreSQL ended by ${signal}`)
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await ending
      return counts
    },
  }
}
