import type { Cluster } from '#lib/kubernetes/cluster.ts'
import { noWorkload, readWorkload } from '#lib/kubernetes/workload.ts'
import type { Place } from '#ports/delivery.ts'
import { type DeliveryCommits, namespaceOf, withReleases } from '../delivery-commits.ts'
import type { WhatRuns } from '../what-runs.ts'
import { applicationKind, applicationName } from './names.ts'
import { Application } from './schema.ts'

export interface Asked {
  readonly cluster: Cluster
  readonly commits: DeliveryCommits
  readonly namespace: string
}

/** Everything that is known of a place, each from whoever knows it first-hand. */
export interface Snapshot extends WhatRuns {
  readonly application?: Application
  /** The folder's commit in the state that the controller compared with last; undefined: it could not compare. */
  readonly compared?: string
  /** The folder's commit that the last operation was for. */
  readonly operated?: string
}

/**
 * Reads Git, then the Application, then what runs: what is read later cannot be older than what was said of it, so a
 * workload is never taken for a commit that it had not reached.
 */
export async function readPlace(
  { cluster, commits, namespace }: Asked,
  place: Place,
  signal: AbortSignal,
): Promise<Snapshot> {
  const wanted = await commits.wanted(place)
  const found = await cluster.get({ ...applicationKind, namespace, name: applicationName(place) }, signal)
  const application = found && Application.parse(found)
  const own = application?.spec.destination.namespace || (await namespaceOf(commits, place, wanted))
  const workload = own ? await readWorkload(cluster, { namespace: own, name: place.service }, signal) : noWorkload
  if (!application) return { ...(wanted && { wanted }), applied: [], workload }
  const { sync, history, operationState } = application.status
  const operatedRevision = operationState?.syncResult?.revision || operationState?.operation.sync.revision || ''
  const at = async (revision: string) => (revision ? commits.at(place, revision) : undefined)
  const [compared, operated, ...past] = await Promise.all([
    at(sync.revision),
    at(operatedRevision),
    ...history.toReversed().map(({ revision }) => at(revision)),
  ])
  const applied = [...new Set(past.filter((commit) => commit !== undefined))]
  return {
    ...(wanted && { wanted }),
    application,
    ...(compared && { compared }),
    ...(operated && { operated }),
    applied: await withReleases(commits, place, applied),
    workload,
  }
}
