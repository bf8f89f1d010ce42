import type { Figure } from '../tools/bench.ts'
import { journeyOnCluster } from './lab/journey-on-cluster.ts'
import { largeServicePages } from './lab/pages.ts'
import { replicaMemory } from './lab/replicas.ts'
import { commitToTraffic } from './lab/to-traffic.ts'

/**
 * What the lab's engines cost a developer: from a delivery commit to traffic, the whole way from a push, the pages of a
 * large service, and the memory of two replicas.
 */
export async function bench(): Promise<readonly Figure[]> {
  return [
    ...(await commitToTraffic()),
    ...(await journeyOnCluster()),
    ...(await largeServicePages()),
    ...(await replicaMemory()),
  ]
}
