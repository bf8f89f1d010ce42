import type { LiveResource } from '#model/deployment.ts'
import { instancesOf } from '../workload-instances.ts'
import type { FluxOptions } from './options.ts'
import type { Snapshot } from './read-place.ts'
import { statusOf } from './status.ts'

/** Every object of the Kustomization's inventory, and the pods behind the Deployment. */
export function resourcesOf(seen: Snapshot, options: FluxOptions): readonly LiveResource[] {
  const { sync, health } = statusOf({ environment: '', service: '' }, seen, { ...options, urlPattern: undefined })
  const isHeld = seen.held !== undefined && seen.held === seen.wanted?.commit && sync !== 'unknown'
  return (seen.kustomization?.status.inventory.entries ?? []).map(({ id }) => {
    // <namespace>_<name>_<group>_<kind>
    const [, name = id, , kind = ''] = id.split('_')
    const isWorkload = kind === 'Deployment'
    const isEnforced = kind !== 'NetworkPolicy' || options.enforcesNetworkPolicy
    const note = 'whether the cluster enforces it is not known; the setting enforcesNetworkPolicy says so'
    return {
      kind,
      name,
      health: isWorkload ? health : isHeld ? 'healthy' : sync === 'unknown' ? 'unknown' : 'progressing',
      enforced: isEnforced,
      ...(!isEnforced && { note }),
      instances: isWorkload ? instancesOf(seen.workload) : [],
    }
  })
}
