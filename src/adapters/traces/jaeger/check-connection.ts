import { z } from 'zod'
import { httpClient } from '#lib/http/http-client.ts'
import { tryQuestion } from '#lib/http/try-question.ts'
import type { ConnectionCheck } from '#ports/connection-check.ts'
import { headersOf } from './jaeger.ts'
import type { JaegerOptions } from './options.ts'

const Services = z.object({ data: z.array(z.string()).nullish() })

/** Asks Jaeger for the services it knows and, where the platform writes, for its OTLP receiver with an empty request. Jaeger tells nobody its version. */
export async function checkConnection(options: JaegerOptions): Promise<readonly ConnectionCheck[]> {
  const common = { product: 'Jaeger', headers: () => headersOf(options), timeoutMs: 5_000, patienceMs: 0 }
  const { otlpUrl } = options
  return [
    await tryQuestion('query', async () => {
      const http = httpClient({ ...common, baseUrl: options.url })
      const { data } = await http.json('GET', '/api/services', { schema: Services, scope: 'the right to read traces' })
      return `${data?.length ?? 0} services have traces at ${options.url}`
    }),
    ...(otlpUrl
      ? [
          await tryQuestion('receive OTLP', async () => {
            const http = httpClient({ ...common, baseUrl: otlpUrl })
            await http.send('POST', '/v1/traces', { body: { resourceSpans: [] }, scope: 'the right to write traces' })
            return 'the OTLP receiver takes traces'
          }),
        ]
      : []),
  ]
}
