import type { RuntimeEvent } from '#model/deployment.ts'

export interface PlaceName {
  readonly environment: string
  readonly service: string
}

/** The key of a place in maps, and its folder names on disk. */
export function placeKey({ environment, service }: PlaceName): string {
  return `${environment}/${service}`
}

/** What happened lately in each place, bounded, and who wants to hear of it. */
export interface PlaceEvents {
  add(place: PlaceName, event: Pick<RuntimeEvent, 'level' | 'reason' | 'message' | 'commit'>): void
  /** Tells listeners that something of the place changed, without an event. */
  changed(place: PlaceName): void
  /** Newest first. */
  list(place: PlaceName, limit: number): readonly RuntimeEvent[]
  onChange(listener: (place: PlaceName) => void): () => void
}

const keptPerPlace = 200

export function placeEvents(onEvent: (place: PlaceName, event: RuntimeEvent) => void = () => {}): PlaceEvents {
  const all = new Map<string, RuntimeEvent[]>()
  const listeners = new Set<(place: PlaceName) => void>()
  const changed = ({ environment, service }: PlaceName) => {
    for (const listener of listeners) listener({ environment, service })
  }
  return {
    changed,
    add(place, { commit, ...what }) {
      const event = { at: new Date().toISOString(), ...what, service: place.service, ...(commit && { commit }) }
      const events = all.get(placeKey(place)) ?? []
      all.set(placeKey(place), [event, ...events].slice(0, keptPerPlace))
      onEvent(place, event)
      changed(place)
    },
    list: (place, limit) => (all.get(placeKey(place)) ?? []).slice(0, limit),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
