import { readCredential } from '#lib/credential.ts'
import { otlpIntake } from '#lib/otlp/intake.ts'
import { traceSummary, traceView, waterfall } from '#lib/otlp/trace-view.ts'
import { type ProductSource, productSource } from '#lib/http/product-source.ts'
import type { TraceSummary } from '#model/signals.ts'
import type { SignalScope, Traces } from '#ports/signals.ts'
import type { JaegerOptions } from './options.ts'
import { placedSpans, traceIdOf } from './placed-spans.ts'
import { type JaegerTrace, TracesAnswer } from './schema.ts'

type TraceQuery = Parameters<Traces['list']>[1]

const deepest = 200
const readRight = 'the right to read traces'

/** Traces in Jaeger. Each question names service and environment; what comes back is looked through once more. */
export function jaegerTraces(options: JaegerOptions, { timeoutMs = 10_000 } = {}): Traces {
  const headers = () => headersOf(options)
  const api = productSource({ product: 'Jaeger', baseUrl: options.url, headers, timeoutMs })
  const place = (trace: JaegerTrace) => placedSpans(trace, options.environmentAttribute)
  return {
    ...(options.otlpUrl && {
      intake: otlpIntake(
        productSource({ product: 'Jaeger', baseUrl: options.otlpUrl, headers, timeoutMs }),
        '/v1/traces',
      ),
    }),
    async list(scope, query) {
      const found = await find(api, { scope, query, attribute: options.environmentAttribute })
      const summaries = found.map((trace) => traceSummary(traceIdOf(trace.traceID) ?? '', place(trace), scope))
      return newest(
        summaries.filter((summary) => summary !== undefined),
        query,
      )
    },
    async read(scope, traceId) {
      const answer = await api.find(
        { path: `/api/traces/${traceIdOf(traceId) ?? '0'}`, scope: readRight },
        TracesAnswer,
      )
      const visible = traceView((answer?.data ?? []).flatMap(place), scope)
      return visible && waterfall(visible)
    },
  }
}

interface Search {
  readonly scope: SignalScope
  readonly query: TraceQuery
  readonly attribute: string
}

// Jaeger's own memory store takes `error` as text for "no error", other stores find by it: both are asked, each once.
async function find(api: ProductSource, search: Search): Promise<JaegerTrace[]> {
  if (!search.query.errorsOnly) return ask(api, search, {})
  const [marked, all] = await Promise.all([ask(api, search, { error: 'true' }), ask(api, search, {})])
  return [...new Map([...marked, ...all].map((trace) => [trace.traceID, trace])).values()]
}

async function ask(api: ProductSource, { scope, query, attribute }: Search, more: Record<string, string>) {
  const { range, limit, errorsOnly, minDurationMs } = query
  const request = {
    path: '/api/traces',
    scope: readRight,
    query: {
      service: scope.service,
      start: microseconds(range.from),
      end: microseconds(range.to),
      limit: errorsOnly ? deepest : Math.min(limit, deepest),
      tags: JSON.stringify({ [attribute]: scope.environment, ...more }),
      minDuration: minDurationMs ? `${minDurationMs}ms` : undefined,
    },
  }
  return (await api.find(request, TracesAnswer))?.data ?? []
}

function newest(summaries: readonly TraceSummary[], { range, limit, errorsOnly, minDurationMs = 0 }: TraceQuery) {
  return summaries
    .filter(({ startedAt }) => startedAt >= range.from && startedAt < range.to)
    .filter(({ error, durationMs }) => (!errorsOnly || error) && durationMs >= minDurationMs)
    .sort((one, other) => (one.startedAt < other.startedAt ? 1 : -1))
    .slice(0, limit)
}

function microseconds(instant: string): number {
  return Date.parse(instant) * 1000
}

/** The credential as it is now, or nothing. */
export async function headersOf({ token }: JaegerOptions): Promise<Record<string, string>> {
  return token ? { authorization: `Bearer ${await readCredential(token)}` } : {}
}
