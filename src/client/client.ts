import createClient, { type Client } from 'openapi-fetch'
import { PlatformError } from '#errors/platform-error.ts'
import type { ErrorCode } from '#errors/catalogue.ts'
import type { paths } from './schema.ts'

export type ApiClient = Client<paths>

export interface ClientOptions {
  readonly baseUrl: string
  /** Bearer token of the command line; the portal has its cookie instead. */
  readonly token?: string
  readonly fetch?: typeof globalThis.fetch
}

/** The only way the portal and the command line reach the platform. It has no privileges of its own. */
export function apiClient({ baseUrl, token, fetch }: ClientOptions): ApiClient {
  const headers = token ? { authorization: `Bearer ${token}` } : undefined
  return createClient<paths>({ baseUrl, ...(headers && { headers }), ...(fetch && { fetch }) })
}

/** The data of an answer; a problem answer becomes the PlatformError it describes. */
export async function dataOf<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer
  if (error === undefined && response.ok) return data as T
  throw problemError(error, response)
}

function problemError(error: unknown, response: Response): PlatformError {
  const problem = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>
  const code = (typeof problem['code'] === 'string' ? problem['code'] : 'INTERNAL') as ErrorCode
  const detail = typeof problem['detail'] === 'string' ? problem['detail'] : `the server answered ${response.status}`
  return new PlatformError(code, detail, {
    ...(typeof problem['hint'] === 'string' && { hint: problem['hint'] }),
    ...(Array.isArray(problem['errors']) && { errors: problem['errors'] as { path: string; message: string }[] }),
    facts: { ...(problem['facts'] as object | undefined), requestId: problem['requestId'], status: response.status },
  })
}
