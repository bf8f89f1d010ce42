import { type IncomingMessage, request as ask } from 'node:http'
import type { Duplex } from 'node:stream'
import { requestHeaders } from './headers.ts'
import type { Route } from './routes.ts'

/** Joins a client that wants another protocol (WebSocket) with a ready instance, until either side ends. */
export function upgrade(
  route: Route | undefined,
  request: IncomingMessage,
  { socket, head }: { socket: Duplex; head: Buffer },
): void {
  socket.on('error', () => socket.destroy())
  const traffic = route?.next(new Set())
  if (!traffic) return refuse(socket, route ? '503 Service Unavailable' : '404 Not Found')
  traffic.inFlight += 1
  let isOver = false
  const over = () => {
    if (!isOver) traffic.inFlight -= 1
    isOver = true
  }
  socket.once('close', over)
  const asking = ask({
    host: '127.0.0.1',
    port: traffic.port,
    method: request.method,
    path: request.url,
    headers: requestHeaders(request, { upgrade: true }),
    agent: false,
  })
  asking.once('upgrade', (reply, upstream, first) => {
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${rawLines(reply)}\r\n`)
    if (first.length > 0) socket.write(first)
    if (head.length > 0) upstream.write(head)
    upstream.on('error', () => socket.destroy())
    upstream.once('close', () => socket.destroy())
    socket.once('close', () => upstream.destroy())
    upstream.pipe(socket).pipe(upstream)
  })
  asking.once('response', (reply) => {
    // The instance does not want to: its answer goes back, then the connection ends.
    socket.write(
      `HTTP/1.1 ${reply.statusCode} ${reply.statusMessage ?? ''}\r\n${plainLines(reply)}connection: close\r\n\r\n`,
    )
    reply.pipe(socket)
  })
  asking.once('error', () => refuse(socket, '502 Bad Gateway'))
  asking.end()
}

function refuse(socket: Duplex, status: string): void {
  if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}

function rawLines({ rawHeaders }: IncomingMessage): string {
  let lines = ''
  for (let at = 0; at < rawHeaders.length; at += 2) lines += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`
  return lines
}

function plainLines(reply: IncomingMessage): string {
  return rawLines(reply).replace(/^(?:connection|transfer-encoding|keep-alive): .*\r\n/gim, '')
}
