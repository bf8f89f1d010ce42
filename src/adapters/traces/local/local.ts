import type { Traces } from '#ports/signals.ts'
import type { Database } from '#store/database.ts'
import { listTraceParts, readSpans, spanPlaces } from '#store/signals-span.ts'
import { visibleSpans } from '#lib/otlp/visible-spans.ts'

/** Traces in PostgreSQL, as the OTLP receiver of this process stored them. */
export function localTraces({ db }: { db: Database }): Traces {
  return {
    async list(scope, { range, ...query }) {
      const parts = await listTraceParts(db, scope, { ...query, ...range })
      const places = await spanPlaces(
        db,
        scope,
        parts.map(({ traceId }) => traceId),
      )
      const byTrace = Map.groupBy(places, ({ traceId }) => traceId)
      return parts.map((part) => {
        const visible = visibleSpans(byTrace.get(part.traceId) ?? [], scope.service)
        return { ...part, spans: visible.length, services: [...new Set(visible.map(({ service }) => service))].sort() }
      })
    },
    async read(scope, traceId) {
      const visible = visibleSpans(await readSpans(db, scope, traceId), scope.service)
      const [first] = visible.toSorted((one, other) => one.startMs - other.startMs)
      if (!first) return undefined
      return visible
        .map((span) => ({ ...span, startMs: Math.round((span.startMs - first.startMs) * 1000) / 1000 }))
        .sort((one, other) => one.startMs - other.startMs)
    },
  }
}
