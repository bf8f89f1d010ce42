import { readCredential } from '#lib/credential.ts'
import { productSource } from '#lib/http/product-source.ts'
import { hexOf } from '#lib/otlp/identifiers.ts'
import { otlpIntake } from '#lib/otlp/intake.ts'
import { type PlacedSpan, traceSummary, traceView, waterfall } from '#lib/otlp/trace-view.ts'
import type { Traces } from '#ports/signals.ts'
import type { TempoOptions } from './options.ts'
import { placedSpans, SearchAnswer, TraceAnswer } from './schema.ts'
import { printTraceql } from './traceql.ts'

/** Most traces that one list reads: a search gives ids, and each trace is read for what the service may see of it. */
const most = 50
const readRight = 'the right to read traces of this tenant'

/** Traces in Tempo, by its documentation: no Tempo was run against this. */
export function tempoTraces(options: TempoOptions, { timeoutMs = 10_000 } = {}): Traces {
  const headers = () => headersOf(options)
  const source = productSource({ product: 'Tempo', baseUrl: options.url, headers, timeoutMs })
  const spansOf = async (traceId: string): Promise<PlacedSpan[]> => {
    const answer = await source.find(
      { path: `/api/traces/${hexOf(traceId, 32) ?? '0'}`, scope: readRight },
      TraceAnswer,
    )
    return answer ? placedSpans(answer, options.environmentAttribute) : []
  }
  return {
    ...(options.otlpUrl && {
      intake: otlpIntake(
        productSource({ product: 'Tempo', baseUrl: options.otlpUrl, headers, timeoutMs }),
        '/v1/traces',
      ),
    }),
    async list(scope, { range, limit, errorsOnly, minDurationMs = 0 }) {
      const q = printTraceql({
        resource: { 'service.name': scope.service, [options.environmentAttribute]: scope.environment },
        ...(errorsOnly && { errorsOnly }),
        ...(minDurationMs > 0 && { minDurationMs }),
      })
      const question = {
        path: '/api/search',
        scope: readRight,
        query: { q, start: seconds(range.from), end: seconds(range.to) + 1, limit: Math.min(limit, most) },
      }
      const found = (await source.find(question, SearchAnswer))?.traces ?? []
      const summaries = await Promise.all(
        found.map(async ({ traceID }) => {
          const traceId = traceID.padStart(32, '0')
          return traceSummary(traceId, await spansOf(traceId), scope)
        }),
      )
      return summaries
        .filter((summary) => summary !== undefined)
        .filter(({ error, durationMs }) => (!errorsOnly || error) && durationMs >= minDurationMs)
        .sort((one, other) => (one.startedAt < other.startedAt ? 1 : -1))
        .slice(0, limit)
    },
    async read(scope, traceId) {
      const visible = traceView(await spansOf(traceId), scope)
      return visible && waterfall(visible)
    },
  }
}

export async function headersOf({ tenant, token }: TempoOptions): Promise<Record<string, string>> {
  return {
    ...(tenant && { 'x-scope-orgid': tenant }),
    ...(token && { authorization: `Bearer ${await readCredential(token)}` }),
  }
}

function seconds(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000)
}
