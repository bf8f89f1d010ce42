import { z } from 'zod'
import type { Cluster } from './cluster.ts'
import { troubleOf } from './pod-trouble.ts'
import { Deployment, Pod, ReplicaSet } from './workload-schema.ts'

/** How a Deployment and its pods stand, as first seen: nothing is taken from what another controller says of them. */
export interface Workload {
  readonly deployment?: Deployment
  /** Newest first. */
  readonly pods: readonly Pod[]
  /** `complete`: all replicas are of the newest template. `failed`: the rollout's own deadline is over. */
  readonly rollout: 'absent' | 'progressing' | 'complete' | 'failed'
  readonly desired: number
  /** Pods that are ready, of the template that serves. */
  readonly ready: number
  /** The image of the first container of what serves; nothing serves when absent. */
  readonly serving?: string
  /** What keeps pods of the newest template from being ready, in one sentence. */
  readonly trouble?: string
}

const revisionKey = 'deployment.kubernetes.io/revision'

export const noWorkload: Workload = { pods: [], rollout: 'absent', desired: 0, ready: 0 }

/** Reads the Deployment of that name, and only what belongs to it. */
export async function readWorkload(
  cluster: Cluster,
  { namespace, name }: { namespace: string; name: string },
  signal: AbortSignal,
): Promise<Workload> {
  const found = await cluster.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name }, signal)
  if (!found) return noWorkload
  const deployment = Deployment.parse(found)
  const labels = Object.entries(deployment.spec.selector.matchLabels ?? {})
  const choice = { labels: labels.map(([key, value]) => `${key}=${value}`).join() }
  const [sets, pods] = await Promise.all([
    cluster.list({ apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace }, choice, signal),
    cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }, choice, signal),
  ])
  const own = z.array(ReplicaSet).parse(sets).filter(ownedBy(deployment.metadata.uid))
  const owners = new Set(own.map(({ metadata }) => metadata.uid))
  const ownPods = z
    .array(Pod)
    .parse(pods)
    .filter(({ metadata }) => metadata.ownerReferences.some(({ uid }) => owners.has(uid)))
    .toSorted((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1))
  const rollout = rolloutOf(deployment)
  const newest = own.find(
    ({ metadata }) => metadata.annotations[revisionKey] === deployment.metadata.annotations[revisionKey],
  )
  const servingSet = rollout === 'complete' ? newest : olderThat(own, newest)
  const ready = ownPods.filter((pod) => isReady(pod) && isOf(pod, servingSet))
  const waiting = ownPods.filter((pod) => !isReady(pod) && isOf(pod, newest) && !pod.metadata.deletionTimestamp)
  const isTroubled = rollout !== 'complete' || waiting.length > 0
  const trouble = isTroubled ? await troubleOf(cluster, { deployment, pods: waiting }, signal) : undefined
  const serving =
    ready.length > 0 || rollout === 'complete' ? servingSet?.spec.template.spec.containers[0]?.image : undefined
  return {
    deployment,
    pods: ownPods,
    rollout,
    desired: deployment.spec.replicas,
    ready: ready.length,
    ...(serving && { serving }),
    ...(trouble && { trouble }),
  }
}

/** Whether it takes traffic. */
export function isReady({ status, metadata }: Pod): boolean {
  const isGoing = metadata.deletionTimestamp !== undefined
  return !isGoing && status.conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True')
}

function rolloutOf({ spec, status, metadata }: Deployment): Workload['rollout'] {
  const isObserved = status.observedGeneration >= metadata.generation
  const progress = status.conditions.find(({ type }) => type === 'Progressing')
  if (isObserved && progress?.reason === 'ProgressDeadlineExceeded') return 'failed'
  const isSpread = status.updatedReplicas === spec.replicas && status.replicas === spec.replicas
  // A template that was rolled out once stays complete while one of its pods is away.
  const isDone = progress?.reason === 'NewReplicaSetAvailable' || spec.replicas === 0
  return isObserved && isSpread && isDone ? 'complete' : 'progressing'
}

function olderThat(sets: readonly ReplicaSet[], newest: ReplicaSet | undefined): ReplicaSet | undefined {
  return sets
    .filter((set) => set !== newest && set.status.readyReplicas > 0)
    .toSorted((a, b) => b.status.readyReplicas - a.status.readyReplicas)[0]
}

const ownedBy =
  (owner: string) =>
  ({ metadata }: ReplicaSet): boolean =>
    metadata.ownerReferences.some(({ uid }) => uid === owner)

const isOf = ({ metadata }: Pod, set: ReplicaSet | undefined): boolean =>
  metadata.ownerReferences.some(({ uid }) => uid === set?.metadata.uid)
