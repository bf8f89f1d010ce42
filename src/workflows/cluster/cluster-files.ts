import type { RenderedFile } from '#render/rendered-file.ts'
import { renderCluster } from '#render/cluster/render-cluster.ts'
import type { ClusterRequest } from '#render/cluster/request.ts'
import type { Platform } from '../platform.ts'
import type { PlatformSettings } from '../settings.ts'

/** The folder of the delivery repository that is the platform's alone. */
export const clustersPath = 'clusters'

/** Every file below `clusters/`, as settings, rules and teams demand it. Same settings, same bytes. */
export async function clusterFiles(platform: Platform, settings: PlatformSettings): Promise<readonly RenderedFile[]> {
  return (await clusterRequests(platform, settings)).flatMap(renderCluster)
}

/** What each environment's cluster is rendered from, in promotion order. */
export async function clusterRequests(
  platform: Platform,
  settings: PlatformSettings,
): Promise<readonly ClusterRequest[]> {
  const teams = await platform.ports.identity.teams()
  const shared = {
    environments: settings.environments.map(({ metadata }) => metadata.name),
    teams: teams.map(({ name }) => name).toSorted(),
    rules: settings.policySources,
  }
  return settings.environments.map((environment) => ({ environment, ...shared }))
}
