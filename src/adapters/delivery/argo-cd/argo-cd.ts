import { codeOf } from '#errors/platform-error.ts'
import { type Cluster, cluster as connectTo } from '#lib/kubernetes/cluster.ts'
import type { ObjectRef } from '#lib/kubernetes/objects.ts'
import type { Delivery, Place } from '#ports/delivery.ts'
import { type DeliveryCommits, folderOf } from '../delivery-commits.ts'
import { labels } from '../labels.ts'
import { watchPlaces } from '../watch-places.ts'
import { reasonOf, unknownStatus } from '../what-runs.ts'
import { workloadEvents } from '../workload-events.ts'
import { bootstrap } from './bootstrap.ts'
import { clusterObjects } from './cluster-files.ts'
import { detach } from './detach.ts'
import { differencesOf } from './differences.ts'
import {
  applicationKind,
  applicationName,
  applicationSetKind,
  askedAnnotation,
  refreshAnnotation,
  setRefreshAnnotation,
} from './names.ts'
import type { ArgoCdOptions } from './options.ts'
import { readPlace } from './read-place.ts'
import { resourcesOf } from './resources.ts'
import { servicesName } from './cluster-files.ts'
import { statusOf } from './status.ts'

export interface ArgoCdDependencies {
  readonly commits: DeliveryCommits
}

/** Argo CD: it applies, heals and prunes; how things stand is read from it, from the cluster and from Git. */
export function argoCd(options: ArgoCdOptions, { commits }: ArgoCdDependencies): Delivery {
  const cluster = connectTo({ kubeconfig: options.kubeconfig, context: options.context })
  const asked = { cluster, commits, namespace: options.namespace }
  const application = (place: Place): ObjectRef => ({
    ...applicationKind,
    namespace: options.namespace,
    name: applicationName(place),
  })
  return {
    can: { enforcesNetworkPolicy: options.enforcesNetworkPolicy, scalesReplicas: true, objectsAreFound: true },
    ...(options.otlpEndpoint && { otlpEndpoint: options.otlpEndpoint }),
    refresh: (environment, signal) => refresh(cluster, { environment, namespace: options.namespace }, signal),
    async status(place, signal) {
      folderOf(place)
      try {
        return statusOf(place, await readPlace(asked, place, signal), options)
      } catch (error) {
        return unknownStatus(error)
      }
    },
    resources: async (place, signal) => resourcesOf(await readPlace(asked, place, signal), options),
    async events(place, limit, signal) {
      const { workload, application: found } = await readPlace(asked, place, signal)
      const namespace = found?.spec.destination.namespace
      return namespace ? workloadEvents(cluster, { namespace, place, workload, limit }, signal) : []
    },
    async differences(place, signal) {
      try {
        return await differencesOf(asked, { place, options }, signal)
      } catch (error) {
        return { kind: 'unknown', reason: reasonOf(error) }
      }
    },
    async repair(place, signal) {
      const operation = {
        initiatedBy: { username: 'fairway' },
        sync: { prune: true, syncOptions: ['ApplyOutOfSyncOnly=true'] },
      }
      await cluster.patch(application(place), { operation }, signal)
    },
    onChange: watchPlaces(cluster, { ...applicationKind, namespace: options.namespace }),
    clusterObjects: (wanted) => clusterObjects(options, wanted),
    bootstrap: (environment, how, signal) => bootstrap({ cluster, options }, { environment, ...how }, signal),
    detach: (environment, how, signal) => detach({ cluster, options }, { environment, ...how }, signal),
  }
}

async function refresh(
  cluster: Cluster,
  { environment, namespace }: { environment: string; namespace: string },
  signal: AbortSignal,
): Promise<void> {
  const set = { ...applicationSetKind, namespace, name: servicesName(environment) }
  if (await cluster.get(set, signal))
    await cluster.patch(set, { metadata: { annotations: { [setRefreshAnnotation]: 'true' } } }, signal)
  const choice = { labels: `${labels.environment}=${environment},${labels.managedBy}=fairway` }
  const found = await cluster.list({ ...applicationKind, namespace }, choice, signal)
  const annotations = { [refreshAnnotation]: 'normal', [askedAnnotation]: new Date().toISOString() }
  for (const { metadata } of found)
    await cluster
      .patch({ ...applicationKind, namespace, name: metadata.name }, { metadata: { annotations } }, signal)
      .catch((error: unknown) => {
        if (codeOf(error) !== 'CLUSTER_REFUSED') throw error // it was removed meanwhile
      })
}
