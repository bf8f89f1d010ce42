import { createHash, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Name } from '#model/names.ts'
import { differencesOf } from './differences.ts'
import type { PlaceEvents, PlaceName } from './events.ts'
import type { Listening } from './gateway/gateway.ts'
import { liveResources, liveStatus } from './live-status.ts'
import { KnownLease, type Lent, type LentRoutes, WantedLease } from './gateway/lent-routes.ts'
import type { Reconciler } from './reconciler.ts'

export interface ControlApiOptions {
  readonly token: string
  readonly reconciler: Reconciler
  readonly events: PlaceEvents
  readonly gatewayPort: number
  readonly lent: LentRoutes
  /** Where a process of this machine reaches a service. */
  readonly addressOf: (place: PlaceName) => Promise<string>
  /** Facts about the agent itself, for /status. */
  readonly about: () => Record<string, unknown>
  /** Stops every workload and ends the agent. */
  readonly stop: () => void
}

/** The agent's own API, on loopback, for whoever may read agent.json. /healthz alone needs no token. */
export async function startControlApi(options: ControlApiOptions): Promise<Listening> {
  const server = createServer((request, response) => {
    respond(options, request, response).catch((error: Error) => send(response, 500, { detail: error.message }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function respond(options: ControlApiOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://agent')
  const line = `${request.method} ${pathname}`
  if (line === 'GET /healthz') return send(response, 200, { ok: true })
  if (!isAllowed(request, options.token)) return send(response, 401, { detail: 'the token of agent.json is needed' })
  const { reconciler, events, gatewayPort } = options
  if (line === 'GET /status') return send(response, 200, status(options))
  if (line === 'POST /refresh') {
    await reconciler.refresh()
    return send(response, 200, { ...reconciler.git })
  }
  if (line === 'POST /stop') {
    send(response, 202, { stopping: true })
    return options.stop()
  }
  if (line === 'GET /watch') return watch(events, response)
  if (line.startsWith('POST /lent/')) return send(response, 200, await lentAnswer(options, request, pathname))
  const match = /^\/(services|resources|events|differences|repair|address)\/([^/]+)\/([^/]+)$/.exec(pathname)
  const method = match?.[1] === 'repair' ? 'POST' : 'GET'
  const place = match && request.method === method ? placeOf(match[2], match[3]) : undefined
  if (!place) return send(response, 404, { detail: 'no such address' })
  if (match?.[1] === 'services') return send(response, 200, liveStatus(reconciler, place, gatewayPort))
  if (match?.[1] === 'resources') return send(response, 200, liveResources(reconciler.place(place)))
  if (match?.[1] === 'differences') return send(response, 200, differencesOf(reconciler, place))
  if (match?.[1] === 'address') return send(response, 200, { address: await options.addressOf(place) })
  if (match?.[1] === 'repair') {
    void reconciler.place(place)?.repair()
    return send(response, 202, { repairing: true })
  }
  const limit = Math.min(Math.max(Number(searchParams.get('limit')) || 50, 1), 200)
  return send(response, 200, events.list(place, limit))
}

function status({ reconciler, gatewayPort, about }: ControlApiOptions): unknown {
  const places = reconciler.places().map(({ service, environment }) => ({
    service,
    environment,
    ...liveStatus(reconciler, { service, environment }, gatewayPort),
  }))
  return { ...about(), git: reconciler.git, places }
}

/** What becomes of a lent name; a refusal is an answer like any other. */
async function lentAnswer(
  { lent, gatewayPort }: ControlApiOptions,
  request: IncomingMessage,
  pathname: string,
): Promise<unknown> {
  const body = await jsonOf(request)
  const told = (answer: Lent) =>
    'refused' in answer
      ? answer
      : { ...answer, url: urlOf(answer.host, gatewayPort), ownUrl: urlOf(answer.ownHost, gatewayPort) }
  if (pathname === '/lent/open') return told(await lent.open(WantedLease.parse(body)))
  if (pathname === '/lent/renew') return told(await lent.renew(KnownLease.parse(body)))
  return { closed: lent.end(KnownLease.parse(body)) }
}

function urlOf(host: string, port: number): string {
  return `http://${host}:${port}`
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > 10_000) throw new Error('the body is too long')
  }
  return JSON.parse(text)
}

const heartbeatMs = 15_000

/** One line of JSON per changed place, and an empty object now and then, so that a dead connection is noticed. */
function watch(events: PlaceEvents, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
  response.write('{}\n')
  // A reader that does not read is let go: it reads everything afresh when it comes back.
  const write = (value: unknown) => {
    if (response.writableLength > 1_000_000) response.destroy()
    else response.write(`${JSON.stringify(value)}\n`)
  }
  const stop = events.onChange(write)
  const heartbeat = setInterval(() => write({}), heartbeatMs)
  response.once('close', () => {
    stop()
    clearInterval(heartbeat)
  })
}

function placeOf(environment: string | undefined, service: string | undefined): PlaceName | undefined {
  const names = [environment, service].map((name) => Name.safeParse(name).data)
  return names[0] && names[1] ? { environment: names[0], service: names[1] } : undefined
}

// Digests have one length, so nothing of the token shows in the time the comparison takes.
function isAllowed({ headers }: IncomingMessage, token: string): boolean {
  const [given, right] = [headers.authorization ?? '', `Bearer ${token}`].map((text) =>
    createHash('sha256').update(text).digest(),
  )
  return given !== undefined && right !== undefined && timingSafeEqual(given, right)
}

function send(response: ServerResponse, statusCode: number, body: unknown): void {
  if (response.headersSent) return void response.end()
  const text = JSON.stringify(body)
  response.writeHead(statusCode, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}
