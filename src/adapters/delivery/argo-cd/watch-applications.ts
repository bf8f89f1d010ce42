import type { Cluster } from '#lib/kubernetes/cluster.ts'
import type { Place } from '#ports/delivery.ts'
import { applicationKind, labels } from './names.ts'

type Listener = (place: Place) => void

/** One watch for all listeners, kept while there is one. */
export function watchApplications(cluster: Cluster, namespace: string): (listener: Listener) => () => void {
  const listeners = new Set<Listener>()
  let stop: (() => void) | undefined
  const tell = (place: Place) => {
    for (const listener of listeners) listener(place)
  }
  return (listener) => {
    listeners.add(listener)
    stop ??= cluster.watch({ ...applicationKind, namespace }, { labels: `${labels.managedBy}=fairway` }, (change) => {
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
