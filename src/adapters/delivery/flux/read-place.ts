import type { Cluster } from '#lib/kubernetes/cluster.ts'
import { noWorkload, readWorkload } from '#lib/kubernetes/workload.ts'
import type { Place } from '#ports/delivery.ts'
import { type DeliveryCommits, namespaceOf, withReleases } from '../delivery-commits.ts'
import type { WhatRuns } from '../what-runs.ts'
import { kustomizationKind, kustomizationName, platformName, sourceKind } from './names.ts'
import { commitOf, Kustomization, Source } from './schema.ts'

/** How many earlier releases of a place are looked through for what serves. */
const depth = 10

export interface Asked {
  readonly cluster: Cluster
  readonly commits: DeliveryCommits
  readonly namespace: string
}

/** Everything that is known of a place, each from whoever knows it first-hand. */
export interface Snapshot extends WhatRuns {
  readonly source?: Source
  readonly kustomization?: Kustomization
  /** The folder's commit in what the source holds, in what was tried last, and in what was applied last. */
  readonly fetched?: string
  readonly attempted?: string
  readonly held?: string
}

/**
 * Reads Git, then Flux, then what runs: what is read later cannot be older than what was said of it, so a workload is
 * never taken for a commit that it had not reached.
 */
export async function readPlace(
  { cluster, commits, namespace }: Asked,
  place: Place,
  signal: AbortSignal,
): Promise<Snapshot> {
  const wanted = await commits.wanted(place)
  const [foundSource, found] = await Promise.all([
    cluster.get({ ...sourceKind, namespace, name: platformName(place.environment) }, signal),
    cluster.get({ ...kustomizationKind, namespace, name: kustomizationName(place) }, signal),
  ])
  const source = foundSource && Source.parse(foundSource)
  const kustomization = found && Kustomization.parse(found)
  const own = kustomization?.spec.targetNamespace || (await namespaceOf(commits, place, wanted))
  const workload = own ? await readWorkload(cluster, { namespace: own, name: place.service }, signal) : noWorkload
  const applied = commitOf(kustomization?.status.lastAppliedRevision ?? '')
  const at = async (commit: string | undefined) => (commit ? commits.at(place, commit) : undefined)
  const [fetched, attempted, past] = await Promise.all([
    at(commitOf(source?.status.artifact?.revision ?? '')),
    at(commitOf(kustomization?.status.lastAttemptedRevision ?? '')),
    applied ? commits.past(place, applied, depth) : [],
  ])
  const [held] = past
  return {
    ...(wanted && { wanted }),
    ...(source && { source }),
    ...(kustomization && { kustomization }),
    ...(fetched && { fetched }),
    ...(attempted && { attempted }),
    ...(held && { held }),
    applied: await withReleases(commits, place, past),
    workload,
  }
}
