import { createHmac } from 'node:crypto'
import { Agent, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { answer, nothingReady } from '#agent/gateway/answers.ts'
import { type Listening, startDoor } from '#agent/gateway/gateway.ts'
import type { Route } from '#agent/gateway/routes.ts'
import type { DevelopmentHears } from '#cli/command.ts'
import { provingPath } from '#model/dev-session.ts'

interface DoorOf {
  readonly service: string
  /** Where the command listens. */
  readonly port: number
  readonly proof: string
  /** Whether the command still runs. */
  readonly isRunning: () => boolean
  readonly onRequest: DevelopmentHears['request']
}

const patienceMs = 10_000

/** Stands before a command that starts itself again: waits while nothing listens, tells of each request, and proves whose it is. */
export function openDoor({ service, port, proof, isRunning, onRequest }: DoorOf): Promise<Listening> {
  const traffic = { port, connections: new Agent({ keepAlive: true }), inFlight: 0 }
  const route: Route = {
    place: { service, environment: 'me' },
    next: (tried) => (tried.has(traffic) ? undefined : traffic),
  }
  return startDoor(route, async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://door')
    if (url.pathname === provingPath) return prove(response, { proof, challenge: url.searchParams.get('challenge') })
    tell(request, response, onRequest)
    if (await listensWithin(port, { ms: patienceMs, isRunning })) return true
    answer(request, response, nothingReady(service, 'me'))
    return false
  })
}

/** `true` once something takes connections at the port; false when the time is over or nothing runs any more. */
export async function listensWithin(
  port: number,
  { ms, isRunning }: { ms: number; isRunning: () => boolean },
): Promise<boolean> {
  for (const end = performance.now() + ms; isRunning() && performance.now() < end; await pause(50))
    if (await listens(port)) return true
  return false
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const settle = (is: boolean) => {
      socket.destroy()
      resolve(is)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}

// Whoever asks learns nothing about the proof but that it is the one that both know.
function prove(response: ServerResponse, { proof, challenge }: { proof: string; challenge: string | null }): false {
  const isOne = challenge !== null && /^[\w-]{43}$/.test(challenge)
  response.writeHead(isOne ? 200 : 400, { 'content-type': 'text/plain', 'cache-control': 'no-store' })
  response.end(isOne ? createHmac('sha256', proof).update(challenge).digest('base64url') : '')
  return false
}

function tell(request: IncomingMessage, response: ServerResponse, onRequest: DevelopmentHears['request']): void {
  const began = performance.now()
  response.once('close', () => {
    const ms = Math.round(performance.now() - began)
    onRequest({ method: request.method ?? 'GET', path: request.url ?? '/', status: response.statusCode, ms })
  })
}
