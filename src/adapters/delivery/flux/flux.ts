import { type Cluster, cluster as connectTo } from '#lib/kubernetes/cluster.ts'
import type { ObjectRef } from '#lib/kubernetes/objects.ts'
import type { Delivery } from '#ports/delivery.ts'
import { type DeliveryCommits, folderOf } from '../delivery-commits.ts'
import { watchPlaces } from '../watch-places.ts'
import { reasonOf, unknownStatus } from '../what-runs.ts'
import { workloadEvents } from '../workload-events.ts'
import { bootstrap } from './bootstrap.ts'
import { differencesOf } from './differences.ts'
import { applyFollowing } from './follow-git.ts'
import { kustomizationKind, kustomizationName, platformName, requestedAnnotation, sourceKind } from './names.ts'
import { clusterObjects } from './objects.ts'
import type { FluxOptions } from './options.ts'
import { readPlace } from './read-place.ts'
import { resourcesOf } from './resources.ts'
import { statusOf } from './status.ts'

/** Flux: it applies, heals and prunes; how things stand is read from it, from the cluster and from Git. */
export function flux(options: FluxOptions, { commits }: { commits: DeliveryCommits }): Delivery {
  const cluster = connectTo({ kubeconfig: options.kubeconfig, context: options.context })
  const { namespace } = options
  const asked = { cluster, commits, namespace }
  const together = { cluster, commits, options }
  return {
    can: { enforcesNetworkPolicy: options.enforcesNetworkPolicy, scalesReplicas: true, objectsAreFound: true },
    ...(options.otlpEndpoint && { otlpEndpoint: options.otlpEndpoint }),
    async refresh(environment, signal) {
      const source = { ...sourceKind, namespace, name: platformName(environment) }
      if (!(await cluster.get(source, signal))) return
      await applyFollowing(together, environment, signal)
      await request(cluster, source, signal)
    },
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
      const { workload, kustomization } = await readPlace(asked, place, signal)
      const own = kustomization?.spec.targetNamespace
      return own ? workloadEvents(cluster, { namespace: own, place, workload, limit }, signal) : []
    },
    async differences(place, signal) {
      try {
        return await differencesOf(asked, { place, options }, signal)
      } catch (error) {
        return { kind: 'unknown', reason: reasonOf(error) }
      }
    },
    repair: (place, signal) =>
      request(cluster, { ...kustomizationKind, namespace, name: kustomizationName(place) }, signal),
    onChange: watchPlaces(cluster, { ...kustomizationKind, namespace }),
    clusterObjects: (wanted) => clusterObjects(options, wanted),
    bootstrap: (environment, how, signal) => bootstrap(together, { environment, ...how }, signal),
  }
}

async function request(cluster: Cluster, ref: ObjectRef, signal: AbortSignal): Promise<void> {
  const annotations = { [requestedAnnotation]: new Date().toISOString() }
  await cluster.patch(ref, { metadata: { annotations } }, signal)
}
