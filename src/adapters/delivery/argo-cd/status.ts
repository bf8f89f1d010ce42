import type { Health, Sync } from '#model/deployment.ts'
import type { LiveStatus, Place } from '#ports/delivery.ts'
import { healthOf, liveOf, rolloutTrouble, servingOf } from '../what-runs.ts'
import { askedAnnotation, refreshAnnotation } from './names.ts'
import type { ArgoCdOptions } from './options.ts'
import type { Snapshot } from './read-place.ts'

type Patience = Pick<ArgoCdOptions, 'lagSeconds' | 'staleSeconds' | 'urlPattern'>

/** How a place stands. A commit counts as live only when the controller compared with it and the workload completed it. */
export function statusOf(place: Place, seen: Snapshot, { urlPattern, ...patience }: Patience): LiveStatus {
  const now = new Date()
  const readAt = now.toISOString()
  const { wanted, workload, application } = seen
  const silence = silenceOf(seen, patience, now)
  if (!wanted && !application && workload.rollout === 'absent')
    return { sync: silence ? 'unknown' : 'absent', health: silence ? 'unknown' : 'absent', readAt }
  const failure = failureOf(seen)
  const sync = silence ? 'unknown' : syncOf(seen, failure)
  const held = application?.status.sync.status === 'Synced' ? seen.compared : undefined
  const live = liveOf(seen, held)
  const url = urlPattern?.replaceAll('{service}', place.service).replaceAll('{environment}', place.environment)
  const health = healthOf(seen, failure)
  const version = live?.release?.version
  const reason = silence ?? reasonOf(seen, { failure, health, version })
  return {
    sync,
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

/** Why the controller's word cannot be taken, if it cannot. */
export function silenceOf(
  { wanted, application, compared }: Snapshot,
  { lagSeconds, staleSeconds }: Omit<Patience, 'urlPattern'>,
  now = new Date(),
): string | undefined {
  const age = (at: string | undefined) => (at ? (now.getTime() - Date.parse(at)) / 1000 : Number.POSITIVE_INFINITY)
  if (!application)
    return wanted && age(wanted.at) > lagSeconds
      ? `Argo CD has made no Application of commit ${short(wanted.commit)} in ${Math.round(age(wanted.at))} s: is its controller running, and the environment bootstrapped?`
      : undefined
  const { annotations } = application.metadata
  const { conditions, reconciledAt } = application.status
  const trouble = conditions.find(
    ({ type }) => type.endsWith('Error') && type !== 'SyncError' && type !== 'DeletionError',
  )
  if (trouble) return `Argo CD cannot compare: ${trouble.message}`
  const asked = annotations[askedAnnotation]
  if (annotations[refreshAnnotation] && asked && age(asked) > lagSeconds)
    return `Argo CD's controller has not answered the refresh of ${asked}; it last compared ${reconciledAt ?? 'never'}`
  if (wanted && compared !== wanted.commit && age(wanted.at) > lagSeconds)
    return `Argo CD's controller lags: it has not compared with commit ${short(wanted.commit)} of ${wanted.at}; it last compared ${reconciledAt ?? 'never'}`
  if (reconciledAt && age(reconciledAt) > staleSeconds)
    return `Argo CD's controller has said nothing since ${reconciledAt}`
  return undefined
}

/** Why the rollout of the wanted commit will not succeed, once that is certain. */
function failureOf({ wanted, application, compared, operated, workload }: Snapshot): string | undefined {
  if (!wanted || !application) return undefined
  const operation = application.status.operationState
  if (operation && operated === wanted.commit && (operation.phase === 'Failed' || operation.phase === 'Error')) {
    const refused = operation.syncResult?.resources?.filter(({ status }) => status === 'SyncFailed') ?? []
    const words = refused.map(({ kind, name, message }) => `${kind} ${name}: ${message}`)
    return `Argo CD could not apply it: ${words.join('; ') || operation.message}`
  }
  const isItsRollout = compared === wanted.commit && application.status.sync.status === 'Synced'
  if (!isItsRollout || workload.rollout !== 'failed') return undefined
  return rolloutTrouble(workload)
}

function syncOf({ wanted, application, compared, applied, workload }: Snapshot, failure: string | undefined): Sync {
  if (failure) return 'failed'
  if (!application || !wanted || compared !== wanted.commit) return 'progressing'
  const { sync, operationState } = application.status
  if (sync.status === 'Synced') return workload.rollout === 'complete' ? 'synced' : 'progressing'
  const isOperating = operationState?.phase === 'Running'
  return applied[0]?.commit === wanted.commit && !isOperating ? 'drifted' : 'progressing'
}

function reasonOf(
  { workload, application }: Snapshot,
  { failure, health, version }: { failure: string | undefined; health: Health; version: string | undefined },
): string | undefined {
  if (failure) return `${failure}; ${version && workload.serving ? `${version} keeps running` : 'nothing runs'}`
  if (health === 'healthy' || health === 'absent') return undefined
  const operation = application?.status.operationState
  const retrying = operation?.phase === 'Running' ? operation.message : undefined
  return workload.trouble ?? retrying
}

const short = (commit: string): string => commit.slice(0, 12)
