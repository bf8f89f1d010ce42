import { z } from 'zod'
import type { Cluster } from './cluster.ts'
import { ClusterEvent, type Deployment, type Pod } from './workload-schema.ts'

interface Troubled {
  readonly deployment: Deployment
  /** Those that are not ready. */
  readonly pods: readonly Pod[]
}

/** What keeps pods from being ready, in one sentence that a developer can act on; nothing when nobody has said yet. */
export async function troubleOf(
  cluster: Cluster,
  { deployment, pods }: Troubled,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const pod of pods) {
    const found = ofContainers(pod) ?? ofScheduling(pod) ?? (await ofProbes(cluster, pod, signal))
    if (found) return found
  }
  const refused = deployment.status.conditions.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  )
  return refused && `no pod is admitted: ${refused.message}`
}

function ofContainers({ status }: Pod): string | undefined {
  for (const { name, state, lastState, restartCount } of status.containerStatuses) {
    const ended = state.terminated ?? lastState.terminated
    const how =
      ended && `exit code ${ended.exitCode}${ended.reason && ended.reason !== 'Error' ? ` (${ended.reason})` : ''}`
    const { reason = '', message = '' } = state.waiting ?? {}
    if (reason === 'CrashLoopBackOff')
      return `CrashLoopBackOff: container ${name} ended with ${how ?? 'an error'}, ${restartCount} restarts`
    if (reason && !harmless.has(reason)) return `${reason}: container ${name}${message && `: ${message}`}`
    if (state.terminated && state.terminated.exitCode !== 0) return `container ${name} ended with ${how}`
  }
  return undefined
}

const harmless = new Set(['ContainerCreating', 'PodInitializing'])

function ofScheduling({ status }: Pod): string | undefined {
  const refused = status.conditions.find(({ type, status: value }) => type === 'PodScheduled' && value === 'False')
  return refused && `no node takes the pod: ${refused.message}`
}

async function ofProbes(cluster: Cluster, pod: Pod, signal: AbortSignal): Promise<string | undefined> {
  const { namespace, name, uid } = pod.metadata
  const kind = { apiVersion: 'v1', kind: 'Event', namespace }
  const events = await cluster.list(kind, { fields: `involvedObject.name=${name}` }, signal)
  const own = z
    .array(ClusterEvent)
    .parse(events)
    .filter(({ involvedObject }) => involvedObject.uid === uid)
    .toSorted((one, other) => lastSeen(one) - lastSeen(other))
  const probe = own.findLast(({ reason }) => reason === 'Unhealthy')
  if (probe) return `${addressesOf(pod)}${probe.message}`
  const warning = own.findLast(({ type }) => type === 'Warning')
  return warning && `${warning.reason}: ${warning.message}`
}

// The list comes in the order of names, which is that of the first time; an event that came again is the news.
function lastSeen({ lastTimestamp, eventTime, metadata }: ClusterEvent): number {
  return Date.parse(lastTimestamp ?? eventTime ?? metadata.creationTimestamp) || 0
}

// Kubernetes tells the status code, and not what was asked.
function addressesOf({ spec }: Pod): string {
  const asked = spec.containers.flatMap(({ readinessProbe }) => readinessProbe?.httpGet ?? [])
  return asked.map(({ path, port }) => `GET ${path} on port ${port}: `).join('')
}
