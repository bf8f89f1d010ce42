import type { LiveResource } from '#model/deployment.ts'
import type { ArgoCdOptions } from './options.ts'
import type { Snapshot } from './read-place.ts'
import { statusOf } from './status.ts'
import { instancesOf } from '../workload-instances.ts'

/** Every object that the Application manages, and the pods behind the Deployment. */
export function resourcesOf(seen: Snapshot, options: ArgoCdOptions): readonly LiveResource[] {
  const { health } = statusOf({ environment: '', service: '' }, seen, { ...options, urlPattern: undefined })
  return (seen.application?.status.resources ?? []).map(({ kind, name, status }) => {
    const isWorkload = kind === 'Deployment'
    const isEnforced = kind !== 'NetworkPolicy' || options.enforcesNetworkPolicy
    const note = isEnforced
      ? status === 'OutOfSync' && 'it differs from Git'
      : 'whether the cluster enforces it is not known; the setting enforcesNetworkPolicy says so'
    return {
      kind,
      name,
      health: isWorkload ? health : status === 'Synced' ? 'healthy' : 'progressing',
      enforced: isEnforced,
      ...(note && { note }),
      instances: isWorkload ? instancesOf(seen.workload) : [],
    }
  })
}
