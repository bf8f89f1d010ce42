import { z } from 'zod'
import type { Cluster } from '#lib/kubernetes/cluster.ts'
import { ClusterEvent } from '#lib/kubernetes/workload-schema.ts'
import type { Workload } from '#lib/kubernetes/workload.ts'
import type { RuntimeEvent } from '#model/deployment.ts'
import type { Place } from '#ports/delivery.ts'

interface Wanted {
  readonly namespace: string
  readonly place: Place
  readonly workload: Workload
  readonly limit: number
}

/** What the cluster says of a Deployment, its ReplicaSets and its pods, newest first. It forgets after an hour. */
export async function workloadEvents(
  cluster: Cluster,
  { namespace, place: { service }, workload, limit }: Wanted,
  signal: AbortSignal,
): Promise<readonly RuntimeEvent[]> {
  const found = await cluster.list({ apiVersion: 'v1', kind: 'Event', namespace }, {}, signal)
  const pods = new Set(workload.pods.map(({ metadata }) => metadata.name))
  const isOwn = ({ involvedObject: { kind, name } }: ClusterEvent) =>
    (kind === 'Deployment' && name === service) ||
    (kind === 'ReplicaSet' && name.slice(0, name.lastIndexOf('-')) === service) ||
    (kind === 'Pod' && (pods.has(name) || podOf(name) === service))
  return z
    .array(ClusterEvent)
    .parse(found)
    .filter(isOwn)
    .map((event) => runtimeEvent(event, service))
    .toSorted((a, b) => (a.at < b.at ? 1 : -1))
    .slice(0, limit)
}

// `<deployment>-<template>-<pod>`: those of pods that are gone are told as well.
const podOf = (name: string): string => name.split('-').slice(0, -2).join('-')

function runtimeEvent(event: ClusterEvent, service: string): RuntimeEvent {
  const { lastTimestamp, eventTime, firstTimestamp, metadata, type, reason, message, count, involvedObject } = event
  const times = count && count > 1 ? ` (${count} times)` : ''
  return {
    at: new Date(lastTimestamp ?? eventTime ?? firstTimestamp ?? metadata.creationTimestamp).toISOString(),
    level: type === 'Normal' ? 'info' : 'warn',
    reason,
    message: `${involvedObject.kind} ${involvedObject.name}: ${message}${times}`,
    service,
  }
}
