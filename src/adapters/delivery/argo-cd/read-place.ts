import type { Cluster } from '#lib/kubernetes/cluster.ts'
import { readWorkload, type Workload } from '#lib/kubernetes/workload.ts'
import type { ReleaseFile } from '#model/release.ts'
import type { Place } from '#ports/delivery.ts'
import type { DeliveryCommits, WantedCommit } from '../delivery-commits.ts'
import { applicationKind, applicationName } from './names.ts'
import { Application } from './schema.ts'

export interface Asked {
  readonly cluster: Cluster
  readonly commits: DeliveryCommits
  readonly namespace: string
}

/** Everything that is known of a place, each from whoever knows it first-hand. */
export interface Snapshot {
  /** What Git wants. */
  readonly wanted?: WantedCommit
  readonly application?: Application
  /** The folder's commit in the state that the controller compared with last; undefined: it could not compare. */
  readonly compared?: string
  /** The folder's commits that were applied, newest first, with what each releases. */
  readonly applied: readonly { readonly commit: string; readonly release?: ReleaseFile }[]
  /** The folder's commit that the last operation was for. */
  readonly operated?: string
  readonly workload: Workload
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
  const workload = own
    ? await readWorkload(cluster, { namespace: own, name: place.service }, signal)
    : { pods: [], rollout: 'absent' as const, desired: 0, ready: 0 }
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
    applied: await Promise.all(
      applied.map(async (commit) => {
        const release = await commits.release(place, commit)
        return { commit, ...(release && { release }) }
      }),
    ),
    workload,
  }
}

async function namespaceOf(commits: DeliveryCommits, place: Place, wanted: WantedCommit | undefined) {
  const release = wanted && (await commits.release(place, wanted.commit))
  return release && `${release.owner}-${place.environment}`
}
