import { fileURLToPath } from 'node:url'
import { readSources } from '#adapters/policy/local/bundle.ts'
import type { ClusterRequest } from '#render/cluster/request.ts'
import { environmentNamed } from './arbitrary-workload.ts'

/** expected/ in it is the cluster folder of `goldenCluster()`. */
export const goldenClusterFolder = fileURLToPath(new URL('../src/render/cluster/fixtures/', import.meta.url))

const shippedRules = fileURLToPath(new URL('../policies', import.meta.url))

/** Production with two teams, and of the rules that ship one that needs libraries and one for this environment only. */
export async function goldenCluster(): Promise<ClusterRequest> {
  const rules = await readSources(shippedRules)
  return {
    environment: environmentNamed('production', 2),
    environments: ['dev', 'staging', 'production'],
    teams: ['team-a', 'team-b'],
    rules: rules.filter(({ path }) => /^(lib|approved-image|production-replicas)\//.test(path)),
  }
}
