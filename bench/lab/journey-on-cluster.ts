import { clearGitea, labConfig } from '../../testing/lab-config.ts'
import { onCluster } from '../../test/journeys/first-service/on-cluster.ts'
import { preparePlatform } from '../../testing/start-platform.ts'
import type { Figure } from '../../tools/bench.ts'
import { timedJourney } from '../journey/timed-journey.ts'
import { memoryOf } from '../overhead/memory.ts'

/** Steps in which the platform waits for the cluster and its controller; all other time is its own. */
const engineSteps = /: step (watch-rollout|merge-change)$/

/**
 * How long a developer waits where Gitea, a registry, Argo CD, Gatekeeper, Kubernetes, Prometheus, Loki and Jaeger of the
 * lab do the work: create, push, promote, roll back; twice, since the first brings packages and a base image.
 */
export async function journeyOnCluster(): Promise<readonly Figure[]> {
  const config = await labConfig(['gitea', 'oci-registry', 'argo-cd', 'gatekeeper', 'prometheus', 'loki', 'jaeger'])
  if (config.skip) throw new Error(config.skip)
  await clearGitea()
  const platform = await preparePlatform(undefined, config)
  const figures: Figure[] = []
  const ends: (() => unknown)[] = [() => platform.remove()]
  const note = (round: string) => (name: string, value: number) => {
    const whose = engineSteps.test(name) ? ' (waits for the engines)' : ''
    figures.push({ name: `${round}: ${name}${whose}`, value: Math.round(value * 100) / 100, unit: 's' })
  }
  try {
    await platform.start()
    await onCluster({ after: (work) => ends.push(work) }, platform)
    await timedJourney(platform, 'first', note('first'))
    await timedJourney(platform, 'second', note('second'))
    figures.push({ name: 'memory of the control plane', value: Math.round(await memoryOf(platform)), unit: 'MiB' })
  } finally {
    for (const end of ends.toReversed()) await end()
  }
  return figures
}
