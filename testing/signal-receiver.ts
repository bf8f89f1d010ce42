import type { TestContext } from 'node:test'
import fastify from 'fastify'
import { defaultLimits, type SignalLimits } from '#adapters/signals/local/limits.ts'
import { otlpRoutes } from '#adapters/signals/local/otlp-routes.ts'
import { type SignalSink, signalSink } from '#adapters/signals/local/signal-sink.ts'
import { workloadToken } from '#lib/workload-token.ts'
import type { Database } from '#store/database.ts'
import { testDatabase } from './database.ts'

export interface SignalReceiver {
  readonly url: string
  readonly db: Database
  readonly sink: SignalSink
  token(service: string, environment?: string): string
  /** Posts as that service: objects as JSON, bytes as protobuf. */
  post(signal: string, service: string, body: unknown): Promise<Response>
  /** The same with headers of its own, which win. */
  send(request: {
    signal?: string
    service?: string
    body: unknown
    headers: Record<string, string>
  }): Promise<Response>
}

const secret = 'a secret of this test'

/** A receiver on a port of its own, before a real database; another one where `db` is given. */
export async function signalReceiver(
  t: TestContext,
  { limits, db, maxBodyMs }: { limits?: Partial<SignalLimits>; db?: Database; maxBodyMs?: number } = {},
): Promise<SignalReceiver> {
  const store = db ?? (await testDatabase(t)).db
  const sink = signalSink({ db: store, limits: { ...defaultLimits, gatherMs: 50, ...limits } })
  const app = fastify({ forceCloseConnections: true })
  await app.register(otlpRoutes({ tokenSecret: secret, sink, ...(maxBodyMs && { maxBodyMs }) }))
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  t.after(async () => {
    await app.close()
    await sink.close()
  })
  const token = (service: string, environment = 'dev') =>
    workloadToken(secret, { service, environment, owner: 'team-a' })
  const send: SignalReceiver['send'] = ({ signal = 'logs', service = 'shop', body, headers }) => {
    const raw = body instanceof Uint8Array || typeof body === 'string'
    const type = body instanceof Uint8Array ? 'application/x-protobuf' : 'application/json'
    return fetch(`${url}/otlp/v1/${signal}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token(service)}`, 'content-type': type, ...headers },
      body: raw ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body),
    })
  }
  return {
    url,
    db: store,
    sink,
    token,
    post: (signal, service, body) => send({ signal, service, body, headers: {} }),
    send,
  }
}
