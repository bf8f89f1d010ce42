import type { Sync } from '#model/deployment.ts'
import type { LiveStatus, Place } from '#ports/delivery.ts'
import { healthOf, isAnEarlierOne, liveOf, rolloutTrouble, servingOf } from '../what-runs.ts'
import type { FluxOptions } from './options.ts'
import type { Snapshot } from './read-place.ts'
import { conditionOf } from './schema.ts'
import { silenceOf } from './silence.ts'

type Settings = Pick<FluxOptions, 'lagSeconds' | 'staleSeconds' | 'urlPattern'>

/** How a place stands. A commit counts as live only when Flux applied it and the workload completed its rollout. */
export function statusOf(place: Place, seen: Snapshot, { urlPattern, ...patience }: Settings): LiveStatus {
  const now = new Date()
  const readAt = now.toISOString()
  const { wanted, workload, kustomization } = seen
  const silence = silenceOf(seen, patience, now)
  if (!wanted && !kustomization && workload.rollout === 'absent') return { sync: 'absent', health: 'absent', readAt }
  const failure = failureOf(seen, patience, now)
  const doubt = silence ?? notHeld(seen)
  const health = healthOf(seen, failure)
  const isOther = isAnEarlierOne(seen, seen.held)
  const live = liveOf(seen, isOther ? undefined : seen.held)
  const version = live?.release?.version
  const url = urlPattern?.replaceAll('{service}', place.service).replaceAll('{environment}', place.environment)
  const keeps = version && workload.serving ? `${version} keeps running` : 'nothing runs'
  const reason = doubt ?? (failure ? `${failure}; ${keeps}` : waitingFor(seen, health))
  return {
    sync: doubt ? 'unknown' : isOther && !failure ? 'drifted' : syncOf(seen, failure),
    health,
    ...(reason && { reason }),
    ...(live && { liveCommit: live.commit }),
    ...(wanted && { wantedCommit: wanted.commit }),
    ...(failure && { rolloutFailure: failure }),
    ...servingOf(seen, url),
    ...(version && { version }),
    readAt,
  }
}

/** Why the rollout of the wanted commit will not succeed, once that is certain. */
function failureOf(seen: Snapshot, { lagSeconds }: { lagSeconds: number }, now: Date): string | undefined {
  const { wanted, held, workload } = seen
  if (!wanted) return undefined
  if (held === wanted.commit) return workload.rollout === 'failed' ? rolloutTrouble(workload) : undefined
  const refusal = refusalOf(seen)
  if (!refusal) return undefined
  const isLate = now.getTime() - Date.parse(wanted.at) > lagSeconds * 1000
  return refusal.isFinal || isLate ? `Flux could not apply it: ${refusal.message}` : undefined
}

// What the cluster or the files forbid stays so; anything else Flux tries again.
const final = /forbidden|denied|is invalid|not allowed|unable to (build|decode)|kustomize build failed/i

function refusalOf({ wanted, kustomization, attempted }: Snapshot) {
  if (!kustomization || attempted !== wanted?.commit) return undefined
  const stalled = conditionOf(kustomization, 'Stalled')
  if (stalled?.status === 'True') return { message: stalled.message, isFinal: true }
  const ready = conditionOf(kustomization, 'Ready')
  if (ready?.status !== 'False') return undefined
  return { message: ready.message, isFinal: ready.reason === 'BuildFailed' || final.test(ready.message) }
}

/** Once applied, Flux may find itself unable to keep it so: then nobody knows that it still is. */
function notHeld(seen: Snapshot): string | undefined {
  if (!seen.wanted || seen.held !== seen.wanted.commit) return undefined
  const refusal = refusalOf(seen)
  return refusal && `Flux cannot keep it as Git wants it: ${refusal.message}`
}

function syncOf({ wanted, held, workload }: Snapshot, failure: string | undefined): Sync {
  if (failure) return 'failed'
  return wanted && held === wanted.commit && workload.rollout === 'complete' ? 'synced' : 'progressing'
}

function waitingFor(seen: Snapshot, health: LiveStatus['health']): string | undefined {
  if (seen.held !== seen.wanted?.commit) return refusalOf(seen)?.message ?? seen.workload.trouble
  return health === 'healthy' || health === 'absent' ? undefined : seen.workload.trouble
}
