import { PlatformError } from '#errors/platform-error.ts'
import { z } from 'zod'
import { readCredential } from '#lib/credential.ts'
import { otlpIntake } from '#lib/otlp/intake.ts'
import { type ProductSource, productSource } from '#lib/http/product-source.ts'
import { type GoldenQuery, goldenQueries } from '#lib/promql/golden-signals.ts'
import { type Matcher, printPromql } from '#lib/promql/tree.ts'
import type { MetricSeries } from '#model/signals.ts'
import type { Metrics, SignalScope, TimeRange } from '#ports/signals.ts'
import { asCodeOf } from './as-code.ts'
import type { PrometheusOptions } from './options.ts'

/** What we read of `/api/v1/query_range`. */
const RangeAnswer = z.object({
  data: z.object({
    resultType: z.literal('matrix'),
    result: z
      .array(
        z.object({
          metric: z.record(z.string(), z.string()),
          values: z.array(z.tuple([z.number(), z.string()])).default([]),
        }),
      )
      .max(100),
  }),
})

/** Golden signals in Prometheus. The scope is a matcher of every selector of every query. */
export function prometheusMetrics(options: PrometheusOptions, { timeoutMs = 10_000 } = {}): Metrics {
  const headers = () => headersOf(options)
  const api = productSource({ product: 'Prometheus', baseUrl: options.url, headers, timeoutMs })
  const asCode = asCodeOf(options)
  return {
    ...(asCode && { asCode }),
    ...(options.writtenBy === 'platform' && { intake: otlpIntake(api, '/api/v1/otlp/v1/metrics') }),
    async golden(scope, range, points) {
      const stepMs = (Date.parse(range.to) - Date.parse(range.from)) / points
      const window = Math.max(stepMs / 1000, options.exportSeconds * 2.5)
      const queries = goldenQueries(matchersOf(options, scope), window)
      const charts = await Promise.all(queries.map((query) => chart(api, query, { range, points, stepMs })))
      return charts.flat()
    },
  }
}

function matchersOf({ labels }: PrometheusOptions, { service, environment }: SignalScope): Matcher[] {
  return [
    { label: labels.service, op: '=', value: service },
    { label: labels.environment, op: '=', value: environment },
  ]
}

interface Axis {
  readonly range: TimeRange
  readonly points: number
  readonly stepMs: number
}

/** A value at the end of a stretch is drawn at its beginning. Where Prometheus has none there is a gap, never zero. */
async function chart(api: ProductSource, { tree, by, ...head }: GoldenQuery, axis: Axis): Promise<MetricSeries[]> {
  const { range, points, stepMs } = axis
  const from = Date.parse(range.from)
  const request = {
    path: '/api/v1/query_range',
    scope: 'the right to query',
    query: {
      query: printPromql(tree),
      start: seconds(from + stepMs),
      end: seconds(Date.parse(range.to)),
      step: seconds(stepMs),
      timeout: '9s',
    },
  }
  const answer = await api.find(request, RangeAnswer)
  if (!answer) throw new PlatformError('PRODUCT_FAILED', 'Prometheus has no query interface under its address (404)')
  const results = answer.data.result.length > 0 ? answer.data.result : [{ metric: {}, values: [] }]
  return results
    .map(({ metric, values }) => {
      const known = new Map(values.map(([at, value]) => [Math.round((at * 1000 - from) / stepMs) - 1, number(value)]))
      const label = by && values.length > 0 ? { [by]: metric[by] || 'none' } : {}
      return {
        name: head.name,
        unit: head.unit,
        labels: { ...head.labels, ...label },
        points: Array.from({ length: points }, (_, at): [number, number | null] => [
          from + at * stepMs,
          known.get(at) ?? null,
        ]),
      }
    })
    .sort((one, other) => JSON.stringify(one.labels).localeCompare(JSON.stringify(other.labels)))
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

function number(text: string): number | null {
  const value = Number(text)
  return Number.isFinite(value) ? Math.round(value * 10_000) / 10_000 : null
}

/** The credential as it is now, or nothing. */
export async function headersOf({ token }: PrometheusOptions): Promise<Record<string, string>> {
  return token ? { authorization: `Bearer ${await readCredential(token)}` } : {}
}
