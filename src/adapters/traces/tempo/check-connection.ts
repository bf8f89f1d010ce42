import { z } from 'zod'
import { httpClient } from '#lib/http/http-client.ts'
import { tryQuestion } from '#lib/http/try-question.ts'
import type { ConnectionCheck } from '#ports/connection-check.ts'
import type { TempoOptions } from './options.ts'
import { SearchAnswer } from './schema.ts'
import { headersOf } from './tempo.ts'
import { printTraceql } from './traceql.ts'

const BuildInfo = z.object({ version: z.string() })

/** Asks Tempo for its version, for the traces of nobody as its tenant, and, where the platform writes, for its OTLP receiver with an empty request. */
export async function checkConnection(options: TempoOptions): Promise<readonly ConnectionCheck[]> {
  const common = { product: 'Tempo', headers: () => headersOf(options), timeoutMs: 5_000, patienceMs: 0 }
  const http = httpClient({ ...common, baseUrl: options.url })
  const { otlpUrl } = options
  return [
    await tryQuestion('version', async () => {
      const { version } = await http.json('GET', '/api/status/buildinfo', { schema: BuildInfo })
      return `Tempo ${version || 'of a build without version'} at ${options.url}`
    }),
    await tryQuestion('query', async () => {
      const q = printTraceql({ resource: { 'service.name': 'fairway-doctor' } })
      const request = { query: { q, limit: 1 }, schema: SearchAnswer, scope: 'the right to read traces of this tenant' }
      await http.json('GET', '/api/search', request)
      return 'searches are answered'
    }),
    ...(otlpUrl
      ? [
          await tryQuestion('receive OTLP', async () => {
            const writer = httpClient({ ...common, baseUrl: otlpUrl })
            await writer.send('POST', '/v1/traces', { body: { resourceSpans: [] }, scope: 'the right to write traces' })
            return 'the OTLP receiver takes traces'
          }),
        ]
      : []),
  ]
}
