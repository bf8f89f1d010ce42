import { codeOf } from '#errors/platform-error.ts'
import type { Workload } from '#lib/kubernetes/workload.ts'
import type { Health } from '#model/deployment.ts'
import type { ReleaseFile } from '#model/release.ts'
import type { LiveStatus } from '#ports/delivery.ts'
import type { WantedCommit } from './delivery-commits.ts'

/** A commit of a folder that was applied, with what it releases. */
export interface Applied {
  readonly commit: string
  readonly release?: ReleaseFile
}

/** What Git and the cluster say of a place, whichever product delivers. */
export interface WhatRuns {
  /** What Git wants. */
  readonly wanted?: WantedCommit
  /** The folder's commits that were applied, newest first. */
  readonly applied: readonly Applied[]
  readonly workload: Workload
}

/** The health of what runs; a rollout that failed leaves it degraded even while an older version serves. */
export function healthOf({ workload, wanted }: WhatRuns, failure: string | undefined): Health {
  if (failure) return 'degraded'
  if (workload.rollout === 'absent') return wanted ? 'progressing' : 'absent'
  if (workload.rollout === 'failed') return 'degraded'
  if (workload.rollout === 'progressing') return 'progressing'
  return workload.ready >= workload.desired ? 'healthy' : 'degraded'
}

/**
 * The commit that what serves came from: `held`, the one that the controller says the cluster holds, once its rollout
 * completed; else the newest before it with that image.
 */
export function liveOf({ wanted, applied, workload }: WhatRuns, held: string | undefined): Applied | undefined {
  const isComplete = workload.rollout === 'complete'
  const known = isComplete && held ? applied.find(({ commit }) => commit === held) : undefined
  if (known) return known
  if (!workload.serving) return undefined
  // While a rollout is under way, or failed, the newest that was applied is not the one that serves.
  const rolling = isComplete ? undefined : (applied[0]?.commit ?? wanted?.commit)
  return applied.find(({ commit, release }) => commit !== rolling && release && isImageOf(release, workload.serving))
}

/** Whether an earlier release serves although the controller says that `held` was applied. */
export function isAnEarlierOne({ applied, workload }: WhatRuns, held: string | undefined): boolean {
  const release = applied.find(({ commit }) => commit === held)?.release
  if (!release || workload.rollout !== 'complete' || isImageOf(release, workload.serving)) return false
  return applied.some((one) => one.release && isImageOf(one.release, workload.serving))
}

/** Why a rollout of the cluster's ended without success, in the cluster's words. */
export function rolloutTrouble({ deployment, trouble }: Workload): string {
  return `it was not ready within ${deployment?.spec.progressDeadlineSeconds} s${trouble ? `: ${trouble}` : ''}`
}

/** What runs, as a status tells it; without a pattern it has no address. */
export function servingOf({ workload }: WhatRuns, url: string | undefined): Partial<LiveStatus> {
  if (!workload.serving) return {}
  const replicas = { ready: workload.ready, desired: workload.desired }
  return { image: workload.serving, replicas, ...(url && { url }) }
}

/** The status when nobody could be asked. */
export function unknownStatus(error: unknown): LiveStatus {
  return { sync: 'unknown', health: 'unknown', reason: reasonOf(error), readAt: new Date().toISOString() }
}

/** An error of ours in words; any other is thrown on. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error)
  if (!code) throw error
  return `${code}: ${(error as Error).message}`
}

function isImageOf({ image, digest }: { image: string; digest: string }, serving: string | undefined): boolean {
  return serving === `${image}@${digest}`
}
