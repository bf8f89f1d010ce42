import type { PlaceName } from '../events.ts'
import type { Traffic } from '../instance/instance.ts'
import type { Reconciler } from '../reconciler.ts'
import type { LentRoutes } from './lent-routes.ts'

/** Chooses who answers a request for a place. */
export interface Route {
  readonly place: PlaceName
  /** The next ready instance in turn; undefined when none is, or all are in `tried`. */
  next(tried: ReadonlySet<Traffic>): Traffic | undefined
}

export interface Routes {
  /** By the Host header; undefined for a host that is nobody's. */
  forHost(host: string | undefined): Route | undefined
  forPlace(place: PlaceName): Route
}

/** What is deployed, and behind it what is lent: no lent name stands before a deployed one. */
export function routesOf(reconciler: Reconciler, lent?: Pick<LentRoutes, 'routeFor'>): Routes {
  let turn = 0
  const forPlace = (place: PlaceName): Route => ({
    place,
    next(tried) {
      const ready = (reconciler.place(place)?.ready() ?? [])
        .map(({ traffic }) => traffic)
        .filter((traffic) => traffic.port !== undefined && !tried.has(traffic))
      turn = (turn + 1) % 1_000_000
      return ready[turn % ready.length]
    },
  })
  return {
    forPlace,
    forHost(host) {
      const name = (host ?? '').toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '')
      const [, service, environment] = /^([a-z][a-z0-9-]*)\.([a-z][a-z0-9-]*)\.localhost$/.exec(name) ?? []
      const places = reconciler.places()
      const place =
        service && environment
          ? places.find((one) => one.service === service && one.environment === environment)
          : places.find((one) => one.state.live?.spec.hosts.includes(name))
      if (place) return forPlace({ service: place.service, environment: place.environment })
      return service && environment ? lent?.routeFor(service, environment) : undefined
    },
  }
}
