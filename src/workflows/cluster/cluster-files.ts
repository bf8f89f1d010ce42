import { type RenderedFile, sortByPath } from '#render/rendered-file.ts'
import { writeYaml } from '#render/yaml/write-yaml.ts'
import { clusterFolder, renderCluster } from '#render/cluster/render-cluster.ts'
import { ruleKind } from '#render/observability/platform-files.ts'
import type { ClusterRequest } from '#render/cluster/request.ts'
import type { Platform } from '../platform.ts'
import type { PlatformSettings } from '../settings.ts'

/** The folder of the delivery repository that is the platform's alone. */
export const clustersPath = 'clusters'

/** Every file below `clusters/`, as settings, rules and teams demand it. Same settings, same bytes. */
export async function clusterFiles(platform: Platform, settings: PlatformSettings): Promise<readonly RenderedFile[]> {
  const requests = await clusterRequests(platform, settings)
  return requests.flatMap((request) => sortByPath([...renderCluster(request), ...productFiles(platform, request)]))
}

/** What the product that delivers has to find there. */
function productFiles({ ports }: Platform, { environment, teams, ruleObjects }: ClusterRequest): RenderedFile[] {
  const { name } = environment.metadata
  const wanted = { environment: name, teams, ...(ruleObjects && { kinds: [ruleKind] }) }
  const objects = ports.delivery.clusterObjects?.(wanted) ?? []
  return objects.map(({ path, object }) => ({ path: `${clusterFolder(name)}/${path}`, content: writeYaml(object) }))
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
    ...(platform.ports.metrics.asCode?.alertRules === 'prometheus-rule' && { ruleObjects: true }),
  }
  return settings.environments.map((environment) => ({ environment, ...shared }))
}
