import type { z } from 'zod'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import { httpClient, type HttpClientOptions } from './http-client.ts'

export interface ProductSourceOptions extends Omit<HttpClientOptions, 'timeoutMs'> {
  /** For one question, all tries and waiting together: 10 s. */
  readonly timeoutMs?: number
}

export interface Question {
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** Said when the product answers 403: the permission that this question needs. */
  readonly scope?: string
}

/** A product that many readers ask. */
export interface ProductSource {
  readonly product: string
  /** The answer as the schema reads it; `undefined` for 404. */
  find<T>(question: Question, schema: z.ZodType<T>): Promise<T | undefined>
  /** Sends JSON once. Statuses of `accept` are answers, all others from 300 throw. */
  post(path: string, body: unknown, accept: readonly number[]): Promise<{ status: number; text: string }>
}

const restMs = 1_000
const mayWait = 64

/**
 * While the product does not answer, who asks within the next second hears so at once, with the instant since when:
 * readers do not pile up before a dead end, and nobody takes silence for "nothing there".
 */
export function productSource({ timeoutMs = 10_000, ...options }: ProductSourceOptions): ProductSource {
  const { product, baseUrl } = options
  const name = `${product} at ${new URL(baseUrl).host}`
  const http = httpClient({ patienceMs: 2_000, ...options, timeoutMs: Math.ceil(timeoutMs / 2) })
  let away: { readonly since: string; readonly error: PlatformError; readonly until: number } | undefined
  let asking = 0

  async function ask<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (away && performance.now() < away.until) throw away.error
    if (asking >= mayWait)
      throw new PlatformError('SERVER_BUSY', `too many questions to ${product} wait already`, { hint: 'repeat soon' })
    asking++
    try {
      const answer = await work(AbortSignal.timeout(timeoutMs))
      away = undefined
      return answer
    } catch (error) {
      if (codeOf(error) !== 'PRODUCT_UNREACHABLE') throw error
      const since = away?.since ?? `${new Date().toISOString().slice(0, 19)}Z`
      away = { since, error: awaySince(error as PlatformError, name, since), until: performance.now() + restMs }
      throw away.error
    } finally {
      asking--
    }
  }

  return {
    product,
    find: ({ path, ...question }, schema) => ask((signal) => http.find(path, { ...question, schema, signal })),
    post: (path, body, accept) => ask((signal) => http.send('POST', path, { body, accept, signal })),
  }
}

function awaySince({ message, hint }: PlatformError, name: string, since: string): PlatformError {
  const said = message.split('cannot be asked: ')[1]
  // Cancelled is what our own limit of time looks like from below.
  const reason = said === undefined || said === 'the request was cancelled' ? 'no answer in time' : said
  return new PlatformError('PRODUCT_UNREACHABLE', `${name} cannot be asked since ${since}: ${reason}`, {
    ...(hint && { hint }),
    facts: { since },
  })
}
