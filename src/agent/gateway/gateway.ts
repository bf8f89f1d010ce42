import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PlatformError } from '#errors/platform-error.ts'
import { answer, unknownHost } from './answers.ts'
import { forward } from './forward.ts'
import type { Route, Routes } from './routes.ts'
import { upgrade } from './upgrade.ts'

export interface Listening {
  readonly port: number
  close(): Promise<void>
}

/** Serves http://<service>.<environment>.localhost:<port> on loopback. PORT_TAKEN when the port is. */
export function startGateway(port: number, routes: Routes): Promise<Listening> {
  return serve(port, (host) => routes.forHost(host))
}

/** Sees a request first; false when it has answered it. */
export type Doorkeeper = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>

/** Serves one service on a free port, behind a doorkeeper. */
export function startDoor(route: Route, doorkeeper: Doorkeeper): Promise<Listening> {
  return serve(0, () => route, doorkeeper)
}

/** Serves one service on a port of its own, whatever the Host header says: how workloads reach each other. */
export function startTarget(port: number, route: Route): Promise<Listening> {
  return serve(port, () => route)
}

async function serve(
  port: number,
  routeFor: (host: string | undefined) => Route | undefined,
  doorkeeper?: Doorkeeper,
): Promise<Listening> {
  const pass = (request: IncomingMessage, response: ServerResponse) => {
    const route = routeFor(request.headers.host)
    if (route) forward(route, request, response)
    else answer(request, response, unknownHost)
  }
  const onRequest: RequestListener = (request, response) => {
    if (!doorkeeper) return pass(request, response)
    doorkeeper(request, response).then(
      (mayPass) => mayPass && pass(request, response),
      () => response.destroy(),
    )
  }
  // No limit for a whole request: uploads may be long, and each service has limits of its own.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 65_000, headersTimeout: 60_000 }, onRequest)
  server.on('upgrade', (request, socket, head) => upgrade(routeFor(request.headers.host), request, { socket, head }))
  await listen(server, port)
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EADDRINUSE' && cause.code !== 'EACCES') throw cause
    throw new PlatformError('PORT_TAKEN', `port ${port} of the gateway is taken`, {
      hint: `choose another one: FAIRWAY_GATEWAY_PORT=${port + 1}`,
      cause,
    })
  })
}
