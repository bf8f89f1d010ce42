import type { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { cleanLine } from './otlp/clean-text.ts'

export interface ProductApiOptions {
  /** As people call it, for errors. */
  readonly product: string
  readonly url: string
  /** Asked again for each request, so that a rotated credential takes effect. */
  headers?(): Promise<Readonly<Record<string, string>>>
  readonly timeoutMs?: number
  /** Most of one answer. */
  readonly maxBytes?: number
  /** Requests at once; as many times eight may wait. */
  readonly atOnce?: number
}

export interface ProductRequest {
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** Sent as it is; the request is a POST then. */
  readonly body?: string
  readonly contentType?: string
}

export interface ProductAnswer {
  readonly status: number
  readonly text: string
}

/** A product's HTTP interface, asked with bounded time, memory and concurrency. */
export interface ProductApi {
  /** The answer below 300 as the schema reads it; `undefined` for 404. Everything else throws PRODUCT_… and says since when. */
  json<T>(request: ProductRequest, schema: z.ZodType<T>): Promise<T | undefined>
  /** Whatever it answers; throws only PRODUCT_UNREACHABLE and SERVER_BUSY. */
  ask(request: ProductRequest): Promise<ProductAnswer>
}

const restMs = 1_000

/** While a product does not answer, who asks within the next second hears so at once: readers must not pile up before a dead end. */
export function productApi(options: ProductApiOptions): ProductApi {
  const { product, url, atOnce = 8 } = options
  const gate = createGate(atOnce, product)
  let away: { readonly since: string; readonly error: PlatformError; readonly until: number } | undefined

  async function ask(request: ProductRequest): Promise<ProductAnswer> {
    if (away && performance.now() < away.until) throw away.error
    const leave = await gate()
    try {
      const answer = await exchange(options, request)
      away = undefined
      return answer
    } catch (error) {
      if (error instanceof PlatformError) throw error
      const since = away?.since ?? new Date().toISOString()
      const unreachable = new PlatformError(
        'PRODUCT_UNREACHABLE',
        `${product} at ${new URL(url).host} cannot be asked since ${since.slice(0, 19)}Z: ${reasonOf(error)}`,
        {
          hint: `nothing is known of it until it answers again; see that ${product} runs and is reached from here`,
          cause: error,
        },
      )
      away = { since, error: unreachable, until: performance.now() + restMs }
      throw unreachable
    } finally {
      leave()
    }
  }

  return {
    ask,
    async json(request, schema) {
      const answer = await ask(request)
      if (answer.status === 404) return undefined
      if (answer.status >= 300) throw refusal(product, answer)
      const read = schema.safeParse(parse(answer.text))
      if (read.success) return read.data
      throw new PlatformError('PRODUCT_FAILED', `${product} gave an answer of another shape than is known`, {
        cause: read.error,
      })
    },
  }
}

/** What a status means, in our codes. */
export function refusal(product: string, { status, text }: ProductAnswer): PlatformError {
  const said = cleanLine(text.slice(0, 200))
  if (status === 401) return new PlatformError('PRODUCT_UNAUTHORISED', `${product} does not take the credential (401)`)
  if (status === 403) return new PlatformError('PRODUCT_FORBIDDEN', `${product} refuses to answer: ${said || '403'}`)
  if (status === 429) return new PlatformError('PRODUCT_RATE_LIMITED', `${product} takes no more requests now: ${said}`)
  return new PlatformError('PRODUCT_FAILED', `${product} answered ${status}: ${said}`)
}

async function exchange(options: ProductApiOptions, { path, query = {}, body, contentType }: ProductRequest) {
  const { url, headers, timeoutMs = 10_000, maxBytes = 16 * 1_048_576 } = options
  const address = new URL(`${url.replace(/\/$/, '')}${path}`)
  for (const [key, value] of Object.entries(query))
    if (value !== undefined) address.searchParams.set(key, String(value))
  const response = await fetch(address, {
    method: body === undefined ? 'GET' : 'POST',
    redirect: 'error', // a credential must not follow to another host
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      ...(await headers?.()),
      ...(body !== undefined && { 'content-type': contentType ?? 'application/json' }),
    },
    ...(body !== undefined && { body }),
  })
  return { status: response.status, text: await bounded(response, maxBytes, options.product) }
}

async function bounded(response: Response, maxBytes: number, product: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > maxBytes)
      throw new PlatformError('PRODUCT_FAILED', `${product} answered with more than ${maxBytes} bytes`, {
        hint: 'ask for a shorter time or fewer lines',
      })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown): string {
  const { name, cause, message } = error as { name?: string; message?: string; cause?: { code?: string } }
  if (name === 'TimeoutError') return 'no answer in time'
  return cause?.code ?? message ?? 'no connection'
}

function createGate(atOnce: number, product: string) {
  const waiting: (() => void)[] = []
  let running = 0
  const leave = () => {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
  return async function enter(): Promise<() => void> {
    if (running >= atOnce) {
      if (waiting.length >= atOnce * 8)
        throw new PlatformError('SERVER_BUSY', `too many questions to ${product} wait already`, { hint: 'repeat soon' })
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    return leave
  }
}
