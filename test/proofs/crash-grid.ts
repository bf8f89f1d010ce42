import { join } from 'node:path'
import { apiAs } from '../../testing/cli.ts'
import { preparePlatform } from '../../testing/start-platform.ts'
import { type Act, actOn, type Asking, earlierWords, type Service } from './crash-grid/acts.ts'
import { faultsAtEnd } from './crash-grid/judge-end.ts'
import { type Kill, oneKill, undisturbed } from './crash-grid/one-kill.ts'
import { allPoints, drawPoints, type KilledWorkflow, nameOf, type Point } from './crash-grid/points.ts'

/** Some of each workflow in every test run; every point, and twenty moments inside effects, for `npm run prove`. */
export const small = 12
export const usual = allPoints().length + 20

/**
 * Kills the control plane with kill -9 at `size` points of create-service, release, promote and rollback, and starts it
 * again. Holds when each run then ends well and nothing was done twice: judged from the Git repositories, the artefact
 * store, the processes, the audit log, and a file in which every effect of a port was written down as it happened.
 */
export async function prove({ seed, size }: { seed: number; size: number }): Promise<{
  holds: boolean
  figures: Record<string, unknown>
}> {
  const points = drawPoints(seed, size)
  const platform = await preparePlatform([join(import.meta.dirname, 'crash-grid/control-plane.ts')])
  try {
    await platform.start()
    const asking = { platform, api: await apiAs(platform, 'dev'), auditor: await apiAs(platform, 'auditor') }
    const { kills, faults, services } = await killAll(asking, points)
    faults.push(...(await faultsAtEnd(asking, services)))
    const figures = figuresOf(kills, { points, faults })
    if (faults.length > 0) console.error(await platform.words())
    return { holds: kills.length === size && faults.length === 0, figures }
  } finally {
    await platform.remove()
  }
}

interface Grid {
  readonly kills: Kill[]
  readonly faults: string[]
  readonly services: Service[]
}

/** One service after the other lives through what is left of each workflow; where one needs another first, that is not cut off. */
async function killAll(asking: Asking, points: readonly Point[]): Promise<Grid> {
  const left = (workflow: KilledWorkflow) => waiting.filter((point) => point.workflow === workflow)
  const grid: Grid = { kills: [], faults: [], services: [] }
  let waiting = [...points]
  const live = async (workflow: KilledWorkflow, service: Service) => {
    const act: Act = actOn(asking, workflow, service)
    const [point] = left(workflow)
    waiting = waiting.filter((other) => other !== point)
    if (!point) return void grid.faults.push(...(await undisturbed(asking, act)))
    const kill = await oneKill(asking, act, point)
    grid.kills.push(kill)
    grid.faults.push(...kill.faults)
  }
  let service: Service | undefined
  while (waiting.length > 0) {
    if (!service || left('create-service').length > 0) {
      service = { name: `grid-${grid.services.length + 1}`, dev: [], staging: [], pushes: 0 }
      grid.services.push(service)
      await live('create-service', service)
    }
    const nothingBack = left('rollback').length > 0 && earlierWords(service) === undefined
    const nothingOn = left('promote').length > 0 && service.staging.at(-1) === service.dev.at(-1)
    if (left('release').length > 0 || nothingBack || nothingOn) await live('release', service)
    if (left('promote').length > 0) await live('promote', service)
    if (left('rollback').length > 0) await live('rollback', service)
  }
  return grid
}

function figuresOf(
  kills: readonly Kill[],
  { points, faults }: { points: readonly Point[]; faults: readonly string[] },
): Record<string, unknown> {
  const reached = new Set(kills.filter((kill) => kill.reached).map(({ point }) => nameOf(point)))
  const all = allPoints().map(nameOf)
  const seconds = kills.map((kill) => kill.seconds.all).sort((a, b) => a - b)
  const starts = kills.map((kill) => kill.seconds.start).sort((a, b) => a - b)
  const round = (number: number | undefined) => Number((number ?? 0).toFixed(1))
  return {
    kills: kills.length,
    pointsTotal: all.length,
    pointsCovered: all.filter((name) => reached.has(name)).length,
    // Only a full grid promises to have them all.
    uncovered: points.length >= all.length ? all.filter((name) => !reached.has(name)) : undefined,
    insideEffects: kills.filter(({ point }) => point.moment === 'inside-effect').length,
    medianSecondsPerKill: round(seconds[Math.floor(seconds.length / 2)]),
    maxSecondsPerKill: round(seconds.at(-1)),
    medianSecondsToStartAgain: round(starts[Math.floor(starts.length / 2)]),
    faults,
  }
}
