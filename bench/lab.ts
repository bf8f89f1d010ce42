import type { Figure } from '../tools/bench.ts'
import { journeyOnCluster } from './lab/journey-on-cluster.ts'
import { largeServicePages } from './lab/pages.ts'
import { commitToTraffic } from './lab/to-traffic.ts'

/**
 * What the lab's engines cost a developer: from a delivery commit to traffic, the whole way from a push, and the pages of a
 * large service.
 */
export async function bench(): Promise<readonly Figure[]> {
  return [...(await commitToTraffic()), ...(await journeyOnCluster()), ...(await largeServicePages())]
}
