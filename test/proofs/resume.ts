import { callService } from '../../testing/cli.ts'
import { preparePlatform, type TestPlatform } from '../../testing/start-platform.ts'
import { faultsInGit } from './resume/judge.ts'
import { type Kill, killedCreate } from './resume/killed-create.ts'
import { drawMoments, type Moment } from './resume/moments.ts'

/** Two kills in every test run, twenty for `npm run prove`. */
export const small = 2
export const usual = 20

/**
 * Kills the control plane with kill -9 at `size` random moments of create-service and starts it again. Holds when each run
 * then ends well and Git shows exactly one repository, one change request and one deployment of it, and one healthy instance.
 */
export async function prove({ seed, size }: { seed: number; size: number }): Promise<{
  holds: boolean
  figures: Record<string, unknown>
}> {
  const platform = await preparePlatform()
  const kills: Kill[] = []
  try {
    await platform.start()
    for (const [index, moment] of drawMoments(seed, size).entries()) kills.push(await oneKill(platform, moment, index))
    const figures = figuresOf(kills)
    if (kills.some(({ faults }) => faults.length > 0)) console.error(await platform.words())
    return { holds: kills.length === size && kills.every(({ faults }) => faults.length === 0), figures }
  } finally {
    await platform.remove()
  }
}

async function oneKill(platform: TestPlatform, moment: Moment, index: number): Promise<Kill> {
  const service = `resume-${index + 1}`
  const kill = await killedCreate(platform, { service, moment })
  const faults = [...kill.faults, ...(await faultsInGit(platform, { service, run: kill.run }))]
  const { status } = await callService(platform, { service, environment: 'dev' })
  if (status !== 200) faults.push(`${service} answers ${status}`)
  const instances = (await platform.processes()).workloads.filter(({ place }) => place === `dev/${service}`)
  if (instances.length !== 1) faults.push(`${service} runs ${instances.length} times`)
  const { untilKill, start, all } = kill.seconds
  const times = `${all.toFixed(1)} s: ${untilKill.toFixed(1)} until the kill, ${start.toFixed(1)} to start again`
  console.error([`kill ${index + 1}: ${kill.at}; ${times}`, ...faults].join('\n  '))
  return { ...kill, faults }
}

function figuresOf(kills: readonly Kill[]): Record<string, unknown> {
  const median = (numbers: number[]) =>
    Number((numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0).toFixed(1))
  return {
    kills: kills.length,
    stepsCovered: [...new Set(kills.map(({ step }) => step))].sort(),
    at: kills.map(({ at }) => at),
    medianSecondsPerKill: median(kills.map(({ seconds }) => seconds.all)),
    medianSecondsToStartAgain: median(kills.map(({ seconds }) => seconds.start)),
    faults: kills.flatMap(({ faults }) => faults),
  }
}
