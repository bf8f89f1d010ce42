import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { PlatformError } from '#errors/platform-error.ts'

export interface OutsideAddress {
  readonly host: string
  readonly port: number
}

const outside = new WeakSet<IncomingMessage>()

/** Whether a request came in by the door for other machines. */
export function cameFromOutside(request: IncomingMessage): boolean {
  return outside.has(request)
}

/**
 * Answers other machines, while everything else stays on loopback: probes, and hooks, which prove themselves by their
 * signature. No page, no API, no Git. Gives the stop.
 */
export async function openOutsideDoor(
  app: FastifyInstance,
  { host, port }: OutsideAddress,
): Promise<() => Promise<void>> {
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000 }, (request, reply) => {
    if (!mayPass(request)) {
      reply.writeHead(404, { 'content-type': 'text/plain', connection: 'close' }).end('not here\n')
      return
    }
    outside.add(request)
    app.routing(request, reply)
  })
  server.listen(port, host)
  await once(server, 'listening')
  return async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeIdleConnections()
    const cut = setTimeout(() => server.closeAllConnections(), 5_000)
    await closed
    clearTimeout(cut)
  }
}

// The address as it was sent: what is written in another way leads nowhere.
function mayPass({ method = '', url = '' }: IncomingMessage): boolean {
  if (method === 'GET') return url === '/healthz' || url === '/readyz'
  return method === 'POST' && /^\/hooks\/[a-z][a-z0-9-]*$/.test(url)
}

/** FAIRWAY_OUTSIDE, `HOST:PORT`; undefined when it is not set. */
export function outsideAddress({ FAIRWAY_OUTSIDE: text }: NodeJS.ProcessEnv): OutsideAddress | undefined {
  if (!text) return undefined
  const [, host = '', port = ''] = /^(\[[0-9a-fA-F:]+\]|[0-9A-Za-z.-]+):(\d{1,5})$/.exec(text) ?? []
  if (host === '' || Number(port) < 1 || Number(port) > 65_535)
    throw new PlatformError('SETTINGS_INVALID', `FAIRWAY_OUTSIDE=${text} is no HOST:PORT`, {
      hint: 'for example FAIRWAY_OUTSIDE=0.0.0.0:7008',
    })
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}
