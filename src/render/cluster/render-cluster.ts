import { Name } from '#model/names.ts'
import { renderAdmission } from '../admission/render-admission.ts'
import { type RenderedFile, sortByPath } from '../rendered-file.ts'
import { writeYaml } from '../yaml/write-yaml.ts'
import { accountObject, deployer, deployerBindingObject, deployerRoleObject, viewersObject } from './access-objects.ts'
import type { ClusterRequest } from './request.ts'
import { defaultDenyObject, limitRangeObject, namespaceObject, quotaObject } from './team-objects.ts'

/**
 * Everything below `clusters/<environment>/` that a cluster needs before a service can run there: each team's namespace
 * with its walls, and the rules as the cluster's own admission enforces them. Same input, same bytes.
 */
export function renderCluster(request: ClusterRequest): readonly RenderedFile[] {
  const environment = Name.parse(request.environment.metadata.name)
  const teams = request.teams.flatMap((team) => teamFiles(request, Name.parse(team)))
  const files = [...teams, ...renderAdmission(request)]
  return sortByPath(files.map(({ path, content }) => ({ path: `${clusterFolder(environment)}/${path}`, content })))
}

/** The folder of an environment's cluster in the delivery repository. */
export function clusterFolder(environment: string): string {
  return `clusters/${environment}`
}

function teamFiles({ environment, ruleObjects = false }: ClusterRequest, team: string): RenderedFile[] {
  const place = { team, environment }
  const objects = {
    namespace: namespaceObject(place),
    'resource-quota': quotaObject(place),
    'limit-range': limitRangeObject(place),
    'default-deny': defaultDenyObject(place),
    'default-account': accountObject(place, 'default'),
    'deployer-account': accountObject(place, deployer),
    'deployer-role': deployerRoleObject(place, { ruleObjects }),
    'deployer-binding': deployerBindingObject(place),
    'team-members': viewersObject(place),
  }
  return Object.entries(objects).map(([name, object]) => ({
    path: `teams/${team}/${name}.yaml`,
    content: writeYaml(object),
  }))
}
