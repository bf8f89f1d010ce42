import type { OtlpSpan } from './spans.ts'
import { visibleSpans } from './visible-spans.ts'

/** A span with what its resource says of where it was made. */
export interface PlacedSpan extends OtlpSpan {
  readonly service: string
  readonly environment: string
}

interface Scope {
  readonly service: string
  readonly environment: string
}

/** One trace as a service may see it in an environment: its own spans and what they reached, each once; undefined when none is its own. */
export function traceView(all: readonly PlacedSpan[], { service, environment }: Scope) {
  const known = new Map<string, PlacedSpan>()
  for (const span of all) {
    const key = `${span.service}/${span.spanId}`
    if (span.environment === environment && !known.has(key)) known.set(key, span)
  }
  const visible = visibleSpans([...known.values()], service).sort((one, other) => one.startMs - other.startMs)
  return visible.length === 0 ? undefined : visible
}

/** What a list says of a trace: its name, start, length and result are those of the service's own part. */
export function traceSummary(traceId: string, all: readonly PlacedSpan[], scope: Scope) {
  const visible = traceView(all, scope)
  if (!visible) return undefined
  const own = visible.filter(({ service }) => service === scope.service)
  const startMs = Math.min(...own.map((span) => span.startMs))
  const endMs = Math.max(...own.map((span) => span.startMs + span.durationMs))
  const [first] = own.toSorted((one, other) => rankOf(one) - rankOf(other))
  return {
    traceId,
    name: first?.name ?? 'unnamed',
    startedAt: new Date(startMs).toISOString(),
    durationMs: thousandths(endMs - startMs),
    spans: visible.length,
    error: own.some(({ error }) => error),
    services: [...new Set(visible.map(({ service }) => service))].sort(),
  }
}

/** The spans of a view in the order of their start, as milliseconds behind the first. */
export function waterfall(visible: readonly PlacedSpan[]) {
  const [first] = visible
  return visible.map(({ spanId, parentId, name, kind, service, startMs, durationMs, error, attributes }) => ({
    spanId,
    ...(parentId && { parentId }),
    name,
    kind,
    service,
    startedAt: new Date(startMs).toISOString(),
    startMs: thousandths(startMs - (first?.startMs ?? 0)),
    durationMs,
    error,
    attributes,
  }))
}

// 0 for a span without parent, 1 for one that answers a request, 2 for any other.
function rankOf({ parentId, kind }: PlacedSpan): number {
  if (!parentId) return 0
  return kind === 'server' || kind === 'consumer' ? 1 : 2
}

function thousandths(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
