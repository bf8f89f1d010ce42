import type { ClusterRequest } from '#render/cluster/request.ts'

/** The question that the cluster's admission asks of the rules about an object, for asking it here (shim.rego says the same). */
export function admissionQuestion(
  request: Pick<ClusterRequest, 'environment' | 'environments' | 'teams'>,
  object: unknown,
) {
  const { name } = request.environment.metadata
  const { namespace } = (object as { metadata?: { namespace?: string } }).metadata ?? {}
  const suffix = `-${name}`
  const team = namespace?.endsWith(suffix) ? namespace.slice(0, -suffix.length) : (namespace ?? '')
  const input = {
    environment: { name, registries: request.environment.spec.registries },
    environments: request.environments,
    team,
    teams: request.teams,
    objects: [object],
  }
  return { gate: 'admission' as const, environment: name, input }
}
