import { PlatformError } from '#errors/platform-error.ts'
import type { HttpClientOptions, HttpMethod, HttpRequest } from './http-client.ts'

export interface HttpAnswer {
  readonly status: number
  readonly text: string
  readonly headers: Headers
}

export interface Exchange {
  readonly method: HttpMethod
  readonly path: string
  readonly request: HttpRequest
  readonly headers: Readonly<Record<string, string>> | undefined
}

/** One request and its whole answer. A redirect is an answer, never followed: a credential must not reach another host. */
export async function exchange(options: HttpClientOptions, { method, path, request, headers }: Exchange) {
  const { product, baseUrl, timeoutMs = 15_000, maxBytes = 16 * 1_048_576 } = options
  const address = new URL(`${baseUrl.replace(/\/$/, '')}${path}`)
  for (const [key, value] of Object.entries(request.query ?? {}))
    if (value !== undefined) address.searchParams.set(key, String(value))
  const limit = AbortSignal.timeout(timeoutMs)
  const { body } = request
  try {
    const response = await fetch(address, {
      method,
      redirect: 'manual',
      signal: request.signal ? AbortSignal.any([limit, request.signal]) : limit,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: response.status, text: await bounded(response, maxBytes, product), headers: response.headers }
  } catch (error) {
    if (error instanceof PlatformError) throw error
    throw unreachable(`${product} at ${address.host} cannot be asked: ${reasonOf(error)}`)
  }
}

/** PRODUCT_UNREACHABLE. Nobody knows whether the request was carried out. */
export function unreachable(message: string): PlatformError {
  const error = new PlatformError('PRODUCT_UNREACHABLE', message, {
    hint: 'see that it runs and is reached from here; nothing is known of it until it answers',
  })
  return Object.defineProperty(error, 'isLost', { value: true })
}

async function bounded(response: Response, maxBytes: number, product: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > maxBytes)
      throw new PlatformError('PRODUCT_FAILED', `${product} answered with more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size).toString('utf8')
}

// The whole error could hold the request's headers.
function reasonOf(error: unknown): string {
  const { name, message, cause } = error as { name?: string; message?: string; cause?: { code?: string } }
  if (name === 'TimeoutError') return 'no answer in time'
  if (name === 'AbortError') return 'the request was cancelled'
  return cause?.code ?? message ?? 'no connection'
}
