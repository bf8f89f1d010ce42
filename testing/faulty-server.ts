import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

export interface FaultyServer {
  readonly url: string
  /** What was asked, in order: `GET /path`. */
  readonly asked: string[]
}

/** An HTTP server that answers as each test says; the last answer stands for all further requests. */
export async function faultyServer(
  t: { after(work: () => unknown): void },
  ...answers: readonly Answer[]
): Promise<FaultyServer> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    answers[Math.min(asked.length, answers.length) - 1]?.(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

/** Status, JSON, headers. */
export const answers =
  (status: number, body: unknown = {}, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

/** Takes the request and says nothing. */
export const silent: Answer = () => {}

/** Headers and half a body, then nothing. */
export const halfOpen: Answer = (_, response) => void response.writeHead(200).write('{"half":')

/** Ends the connection instead of answering. */
export const cutsOff: Answer = (request) => void request.socket.destroy()
