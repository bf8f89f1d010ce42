import { type IncomingMessage, request as ask, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import type { Traffic } from '../instance/instance.ts'
import { answer, brokeOff, nothingReady } from './answers.ts'
import { requestHeaders, responseHeaders } from './headers.ts'
import type { Route } from './routes.ts'

/** Passes a request on to a ready instance and its answer back, both as streams. */
export function forward(route: Route, request: IncomingMessage, response: ServerResponse): void {
  const { service, environment } = route.place
  const tried = new Set<Traffic>()
  const attempt = () => {
    const traffic = route.next(tried)
    if (!traffic)
      return answer(
        request,
        response,
        tried.size > 0 ? brokeOff(service, environment) : nothingReady(service, environment),
      )
    tried.add(traffic)
    // While nothing of the request was taken, another instance may have it.
    passOn(traffic, {
      request,
      response,
      onRefused: attempt,
      onBroken: () => answer(request, response, brokeOff(service, environment)),
    })
  }
  attempt()
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly onRefused: () => void
  readonly onBroken: () => void
}

function passOn(traffic: Traffic, { request, response, onRefused, onBroken }: Exchange): void {
  traffic.inFlight += 1
  let isOver = false
  let hasBegun = false
  const over = () => {
    if (!isOver) traffic.inFlight -= 1
    isOver = true
  }
  const asking = ask({
    host: '127.0.0.1',
    port: traffic.port,
    method: request.method,
    path: request.url,
    headers: requestHeaders(request),
    agent: traffic.connections,
    setDefaultHeaders: false,
  })
  asking.once('socket', (socket) => {
    const begin = () => {
      hasBegun = hasBody(request)
      if (hasBegun) pipeline(request, asking, () => {})
      else asking.end()
    }
    if (socket.connecting) socket.once('connect', begin)
    else begin()
  })
  asking.once('response', (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.statusMessage, responseHeaders(reply))
    pipeline(reply, response, over)
  })
  asking.on('error', (error: NodeJS.ErrnoException) => {
    if (isOver) return
    over()
    if (response.destroyed) return
    const untouched = error.code === 'ECONNREFUSED' || (asking.reusedSocket && !hasBegun && isRepeatable(request))
    if (untouched && !response.headersSent) onRefused()
    else onBroken()
  })
  response.once('close', () => {
    if (!response.writableFinished) asking.destroy()
    over()
  })
}

// A kept connection may be closed by the instance in the very moment it is used again.
function isRepeatable({ method = '' }: IncomingMessage): boolean {
  return ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'].includes(method)
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
