import type { Cluster } from '#lib/kubernetes/cluster.ts'
import type { KindRef } from '#lib/kubernetes/objects.ts'
import type { Place } from '#ports/delivery.ts'
import { labels } from './labels.ts'

type Listener = (place: Place) => void

/** Tells of each change of the product's objects of that kind that stand for a place. One watch for all listeners. */
export function watchPlaces(cluster: Cluster, kind: KindRef): (listener: Listener) => () => void {
  const listeners = new Set<Listener>()
  let stop: (() => void) | undefined
  const tell = (place: Place) => {
    for (const listener of listeners) listener(place)
  }
  return (listener) => {
    listeners.add(listener)
    stop ??= cluster.watch(kind, { labels: `${labels.managedBy}=fairway` }, (change) => {
      if (!('object' in change)) return
      const { [labels.environment]: environment, [labels.service]: service } = change.object.metadata.labels ?? {}
      if (environment && service) tell({ environment, service })
    })
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0) return
      stop?.()
      stop = undefined
    }
  }
}
