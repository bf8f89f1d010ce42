import type { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { exchange, type HttpAnswer, unreachable } from './exchange.ts'
import { gate } from './gate.ts'
import { refusal } from './refusal.ts'

export interface HttpClientOptions {
  /** As people call it, for errors. */
  readonly product: string
  readonly baseUrl: string
  /** Asked again for each request, so that a rotated credential takes effect. */
  headers?(): Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>
  /** For connection, headers and body together: 15 s. */
  readonly timeoutMs?: number
  /** Most of one answer: 16 MiB. */
  readonly maxBytes?: number
  /** Requests at once: 8. */
  readonly atOnce?: number
  /** Longest that a rate limit is waited out, all tries of one request together: 30 s. */
  readonly patienceMs?: number
}

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface HttpRequest {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Statuses that the caller judges itself, beside those below 300. */
  readonly accept?: readonly number[]
  /** Said when the product answers 403: the permission that this request needs. */
  readonly scope?: string
  readonly signal?: AbortSignal
}

/** A product's HTTP interface, asked with bounded time, memory and concurrency. Throws PRODUCT_… only; no error holds a credential. */
export interface HttpClient {
  /** The answer below 300, or one of `accept`. */
  send(method: HttpMethod, path: string, request?: HttpRequest): Promise<HttpAnswer>
  /** The answer as the schema reads it. */
  json<T>(method: HttpMethod, path: string, request: HttpRequest & { readonly schema: z.ZodType<T> }): Promise<T>
  /** As `json`, and `undefined` for 404. */
  find<T>(path: string, request: HttpRequest & { readonly schema: z.ZodType<T> }): Promise<T | undefined>
}

// A 429 says that nothing was done; a read may be repeated after any other failure. Nothing else is sent twice.
const readTries = 3

export function httpClient(options: HttpClientOptions): HttpClient {
  const enter = gate(options.atOnce ?? 8)
  const limit = rateLimit(options.patienceMs ?? 30_000)

  async function send(method: HttpMethod, path: string, request: HttpRequest = {}): Promise<HttpAnswer> {
    const waited = { ms: 0 }
    let headers = await options.headers?.()
    for (let tries = 1, renewed = false; ; ) {
      const answer = await enter(async () => {
        await limit.pass(waited, options.product) // inside: who waits for a turn must hear of a limit, too
        return exchange(options, { method, path, request, headers })
      }).catch((error: unknown) => error as Error)
      if (answer instanceof Error) {
        if (request.signal?.aborted || !isRead(method) || tries >= readTries || !('isLost' in answer)) throw answer
      } else if (answer.status === 429) {
        limit.hold(answer)
        continue
      } else if (answer.status === 401 && !renewed) {
        renewed = true
        const fresh = await options.headers?.()
        if (JSON.stringify(fresh) !== JSON.stringify(headers)) {
          headers = fresh
          continue
        }
        return judge(answer, request)
      } else if (answer.status < 500 || !isRead(method) || tries >= readTries) return judge(answer, request)
      await pause(100 * 3 ** tries, request.signal)
      tries += 1
    }
  }

  function judge(answer: HttpAnswer, request: HttpRequest): HttpAnswer {
    if (answer.status < 300 || request.accept?.includes(answer.status)) return answer
    throw refusal(options.product, answer, request.scope)
  }

  const read = <T>(answer: HttpAnswer, schema: z.ZodType<T>): T => {
    const { success, data, error } = schema.safeParse(parsed(answer.text))
    if (success) return data
    const [issue] = error.issues
    const where = issue?.path.length ? ` at ${issue.path.join('.')}` : ''
    throw new PlatformError(
      'PRODUCT_FAILED',
      `${options.product} gave an answer of another shape than is known${where}`,
    )
  }

  return {
    send,
    json: async (method, path, { schema, ...request }) => read(await send(method, path, request), schema),
    async find(path, { schema, ...request }) {
      const answer = await send('GET', path, { ...request, accept: [...(request.accept ?? []), 404] })
      return answer.status === 404 ? undefined : read(answer, schema)
    },
  }
}

/** Once the product says stop, everybody waits until the moment it named: no storm of refused requests. */
function rateLimit(patienceMs: number) {
  let until = 0
  return {
    hold({ headers }: HttpAnswer): void {
      const said = headers.get('retry-after')
      const seconds = Number(said)
      const ms = said === null ? 1000 : Number.isFinite(seconds) ? seconds * 1000 : Date.parse(said) - Date.now()
      until = Math.max(until, performance.now() + Math.max(50, Number.isFinite(ms) ? ms : 1000))
    },
    async pass(waited: { ms: number }, product: string): Promise<void> {
      const ms = until - performance.now()
      if (ms <= 0) return
      if (waited.ms + ms > patienceMs)
        throw new PlatformError('PRODUCT_RATE_LIMITED', `${product} takes no more requests for ${seconds(ms)} s`, {
          hint: 'repeat after that time',
          facts: { retryAfterSeconds: seconds(ms) },
        })
      waited.ms += ms
      await pause(ms)
    },
  }
}

const seconds = (ms: number): number => Math.ceil(ms / 1000)
const isRead = (method: HttpMethod): boolean => method === 'GET' || method === 'HEAD'

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms))
  if (signal?.aborted) throw unreachable('the request was cancelled')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
