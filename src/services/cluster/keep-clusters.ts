import { createHash } from 'node:crypto'
import { productOf } from '#model/adapters.ts'
import { deliveryRepo, platformRepo, repoName } from '#model/names.ts'
import { platformActor } from '#model/people.ts'
import type { Run } from '#model/run.ts'
import { clusterState } from '#workflows/cluster/cluster-state.ts'
import type { Platform } from '#workflows/platform.ts'
import { startRun } from '../start-run.ts'

const everyMs = 60_000

/**
 * Keeps `clusters/` of the delivery repository as settings, people and rules demand it: at the start, after each change
 * of them, and once a minute for what no event told. Without a cluster behind the platform there is nothing to keep.
 */
export function keepClusters(platform: Platform): () => void {
  if (!hasCluster(platform)) return () => {}
  let looking: Promise<unknown> | undefined
  const failed = (error: unknown) =>
    platform.log.error({ err: error }, 'the folder of the clusters could not be compared; the next look repeats it')
  const look = () =>
    void (looking ??= settleClusters(platform)
      .catch(failed)
      .finally(() => (looking = undefined)))
  const unsubscribe = platform.ports.gitHost.onEvent((event) => {
    if (event.type !== 'push' || event.ref !== 'refs/heads/main') return
    if (repoName(event.repo) === repoName(platformRepo)) void Promise.resolve(looking).then(look)
  })
  look()
  const timer = setInterval(look, everyMs)
  return () => {
    unsubscribe()
    clearInterval(timer)
  }
}

/**
 * Starts a run that writes the folder when what the platform put there is not what it should be. What somebody else put
 * there is drift and is settled as such. Asking twice for the same gives the same run.
 */
export async function settleClusters(platform: Platform): Promise<Run | undefined> {
  const { wanted, own } = await clusterState(platform)
  if (wanted === own) return undefined
  const { commit } = await platform.settings()
  const seed = `${commit}\0${own ?? ''}\0${wanted}`
  return startRun(platform, {
    id: `w${createHash('sha256').update(seed).digest('hex').slice(0, 11)}`,
    workflow: 'render-cluster',
    actor: platformActor,
    service: deliveryRepo.name,
    team: 'platform',
    input: { commit },
  })
}

/** Whether a cluster stands behind the platform: delivery or admission is a product's. */
export function hasCluster({ adapters: { running } }: Platform): boolean {
  return [running.delivery, running.admission].some((choice) => productOf(choice) !== 'local')
}
