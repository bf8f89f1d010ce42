import { z } from 'zod'
import { httpClient } from '#lib/http/http-client.ts'
import { tryQuestion } from '#lib/http/try-question.ts'
import type { ConnectionCheck } from '#ports/connection-check.ts'
import { QueryAnswer } from './entries.ts'
import { headersOf } from './headers.ts'
import { printLogql } from './logql.ts'
import type { LokiOptions } from './options.ts'

const BuildInfo = z.object({ version: z.string() })

/** Asks Loki for its version, for one line of nobody as its tenant, and, where the platform writes, for its OTLP receiver with an empty request. */
export async function checkConnection(options: LokiOptions): Promise<readonly ConnectionCheck[]> {
  const http = httpClient({
    product: 'Loki',
    baseUrl: options.url,
    headers: () => headersOf(options),
    timeoutMs: 5_000,
    patienceMs: 0,
  })
  return [
    await tryQuestion('version', async () => {
      const { version } = await http.json('GET', '/loki/api/v1/status/buildinfo', { schema: BuildInfo })
      return `Loki ${version || 'of a build without version'} at ${options.url}`
    }),
    await tryQuestion('query', async () => {
      const query = printLogql({ streams: { [options.labels.service]: 'fairway-doctor' } })
      const { status, text } = await http.send('GET', '/loki/api/v1/query_range', {
        query: { query, limit: 1 },
        accept: [401],
        scope: 'the right to read logs of this tenant',
      })
      if (status === 401 && text.includes('no org id'))
        return { state: 'missing', found: 'Loki has tenants, and no tenant is named', hint: 'set tenant' }
      if (status === 401)
        return {
          state: 'missing',
          found: 'Loki does not take the credential (401)',
          hint: 'put a valid token in place',
        }
      QueryAnswer.parse(JSON.parse(text))
      return options.tenant ? `queries of tenant ${options.tenant} are answered` : 'queries are answered'
    }),
    ...(options.writtenBy === 'platform'
      ? [
          await tryQuestion('receive OTLP', async () => {
            const { status } = await http.send('POST', '/otlp/v1/logs', {
              body: { resourceLogs: [] },
              accept: [404, 422], // 422: it understood, and nothing was sent
              scope: 'the right to write logs of this tenant',
            })
            if (status !== 404) return 'the OTLP receiver takes logs'
            return {
              state: 'missing',
              found: `the OTLP receiver answers ${status}`,
              hint: 'Loki 3 with limits_config.allow_structured_metadata has one; or set writtenBy: collector',
            }
          }),
        ]
      : []),
  ]
}
