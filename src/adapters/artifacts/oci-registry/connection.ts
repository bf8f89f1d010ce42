import { PlatformError } from '#errors/platform-error.ts'
import { unreachable } from '#lib/http/exchange.ts'
import { refusal } from '#lib/http/refusal.ts'
import { authorisation, type Challenged } from './authorisation.ts'
import type { OciRegistryOptions } from './options.ts'

export interface RegistryRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  /** Below the registry's address, or an absolute address on the same host, as a `Location` gives it. */
  readonly path: string
  /** Repository and what is done there, as `pull` or `pull,push`: it goes into the token that is asked for. */
  readonly name: string
  readonly access: 'pull' | 'pull,push'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | ReadableStream<Uint8Array>
  /** Statuses that the caller judges itself, beside those below 300. */
  readonly accept?: readonly number[]
  readonly timeoutMs?: number
}

export type RegistryConnection = (request: RegistryRequest) => Promise<Response>

const product = 'the OCI registry'

/**
 * Asks a registry as the distribution specification says, answering its challenge for a credential. A redirect is
 * followed once, for reading, without the credential. Throws PRODUCT_… only.
 */
export function registryConnection(options: OciRegistryOptions): RegistryConnection {
  const base = new URL(options.url)
  const authorise = authorisation(options)
  return async (request) => {
    const address = addressOf(base, request.path)
    const challenged: Challenged = { name: request.name, access: request.access }
    let answer = await exchange(address, request, await authorise.known(challenged))
    if (answer.status === 401 && !(request.body instanceof ReadableStream)) {
      const fresh = await authorise.answer(challenged, answer.headers.get('www-authenticate'))
      await answer.body?.cancel()
      if (fresh !== undefined) answer = await exchange(address, request, fresh)
    }
    if (isRedirect(answer) && request.method === 'GET') answer = await follow(address, answer, request)
    if (answer.status < 300 || request.accept?.includes(answer.status)) return answer
    const text = (await answer.text()).slice(0, 2_000)
    throw refusal(
      product,
      { status: answer.status, text, headers: answer.headers },
      `${request.access} on ${request.name}`,
    )
  }
}

function addressOf(base: URL, path: string): URL {
  const address = new URL(path.startsWith('/') ? `${base.origin}${path}` : path, base)
  if (address.origin === base.origin) return address
  throw new PlatformError('PRODUCT_FAILED', `${product} sends an upload to another host, which gets no credential`)
}

async function exchange(address: URL, request: RegistryRequest, credential: string | undefined): Promise<Response> {
  const { method, headers = {}, body, timeoutMs = 30_000 } = request
  try {
    return await fetch(address, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: { ...headers, ...(credential !== undefined && { authorization: credential }) },
      ...(body !== undefined && { body, duplex: 'half' }),
    } as RequestInit)
  } catch (error) {
    const { name, cause } = error as { name?: string; cause?: { code?: string } }
    const reason = name === 'TimeoutError' ? 'no answer in time' : (cause?.code ?? 'the connection was cut')
    throw unreachable(`${product} at ${address.host} cannot be asked: ${reason}`)
  }
}

const isRedirect = ({ status }: Response): boolean => [301, 302, 303, 307, 308].includes(status)

/** Content may lie in a store of its own: its address is a credential in itself, ours stays here. */
async function follow(from: URL, answer: Response, request: RegistryRequest): Promise<Response> {
  await answer.body?.cancel()
  const to = new URL(answer.headers.get('location') ?? '', from)
  const plain = to.protocol === 'http:' && from.protocol === 'https:'
  if (!/^https?:$/.test(to.protocol) || plain)
    throw new PlatformError('PRODUCT_FAILED', `${product} sends to an address that is not safe to read`)
  return exchange(to, { ...request, headers: {} }, undefined)
}
