import { z } from 'zod'
import { httpClient } from '#lib/http/http-client.ts'
import { tryQuestion } from '#lib/http/try-question.ts'
import { printPromql } from '#lib/promql/tree.ts'
import type { ConnectionCheck } from '#ports/connection-check.ts'
import type { PrometheusOptions } from './options.ts'
import { headersOf } from './prometheus.ts'

const BuildInfo = z.object({ data: z.object({ version: z.string() }) })
const Series = z.object({ data: z.array(z.unknown()) })
const Vector = z.object({ data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }) })

/** Asks Prometheus for its version, whether it may be queried, whether series say whose they are, and, where the platform writes, for its OTLP receiver with an empty request. */
export async function checkConnection(options: PrometheusOptions): Promise<readonly ConnectionCheck[]> {
  const http = httpClient({
    product: 'Prometheus',
    baseUrl: options.url,
    headers: () => headersOf(options),
    timeoutMs: 5_000,
    patienceMs: 0,
  })
  const { service, environment } = options.labels
  return [
    await tryQuestion('version', async () => {
      const { data } = await http.json('GET', '/api/v1/status/buildinfo', { schema: BuildInfo })
      return `Prometheus ${data.version || 'of a build without version'} at ${options.url}`
    }),
    await tryQuestion('query', async () => {
      const request = { query: { query: 'vector(1)' }, schema: Vector, scope: 'the right to query' }
      await http.json('GET', '/api/v1/query', request)
      return 'queries are answered'
    }),
    await tryQuestion('labels of series', async () => {
      const matchers = [service, environment].map((label) => ({ label, op: '!=' as const, value: '' }))
      const selector = printPromql({ kind: 'select', matchers })
      const { data } = await http.json('GET', '/api/v1/series', {
        query: { 'match[]': selector, start: Math.floor(Date.now() / 1000) - 3_600, limit: 1 },
        schema: Series,
      })
      if (data.length > 0) return `series carry ${service} and ${environment}`
      return {
        state: 'missing',
        found: `no series carries both ${service} and ${environment}`,
        hint: 'nothing was sent yet, or otlp.promote_resource_attributes of Prometheus lacks service.name and deployment.environment.name',
      }
    }),
    ...(options.writtenBy === 'platform'
      ? [
          await tryQuestion('receive OTLP', async () => {
            const { status } = await http.send('POST', '/api/v1/otlp/v1/metrics', {
              body: { resourceMetrics: [] },
              accept: [400, 404],
            })
            if (status < 300) return 'the OTLP receiver takes metrics'
            return {
              state: 'missing',
              found: `the OTLP receiver answers ${status}`,
              hint: 'start Prometheus with --web.enable-otlp-receiver, or set writtenBy: collector',
            }
          }),
        ]
      : []),
  ]
}
