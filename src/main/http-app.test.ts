import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import pino from 'pino'
import { waitUntil } from '../../testing/wait-until.ts'
import { httpApp } from './http-app.ts'

test('the portal comes compressed to whom takes that, and plain to others', async (t) => {
  const { app, ready } = await httpApp({ port: 0, log: pino({ level: 'silent' }) })
  t.after(() => app.close())
  ready()
  const page = await readFile(join(import.meta.dirname, '../../portal/dist/index.html'), 'utf8')
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? ''
  const ask = (encoding: string) =>
    app.inject({ url: script, headers: { host: 'localhost', 'accept-encoding': encoding } })

  const [small, smaller, plain] = [await ask('gzip'), await ask('gzip, br'), await ask('identity')]

  assert.deepEqual(
    [small, smaller, plain].map((reply) => reply.statusCode),
    [200, 200, 200],
  )
  assert.equal(small.headers['content-encoding'], 'gzip')
  assert.equal(smaller.headers['content-encoding'], 'br')
  assert.equal(plain.headers['content-encoding'], undefined)
  assert.ok(smaller.rawPayload.length * 2 < plain.rawPayload.length)
  assert.match(String(smaller.headers['content-type']), /javascript/)
  assert.match(String(smaller.headers['cache-control']), /immutable/)
})

test('JSON is read to 64 levels and refused below, however it is written', async (t) => {
  const { app, ready } = await httpApp({ port: 0, log: pino({ level: 'silent' }) })
  t.after(() => app.close())
  app.post('/api/v1/echo', async (request) => ({ got: JSON.stringify(request.body).length }))
  ready()
  const send = (payload: string) =>
    app.inject({
      method: 'POST',
      url: '/api/v1/echo',
      headers: { host: 'localhost', 'content-type': 'application/json' },
      payload,
    })
  const nested = (depth: number, open: string, close: string) => open.repeat(depth) + '1' + close.repeat(depth)

  assert.equal((await send(nested(64, '[', ']'))).statusCode, 200)
  assert.equal((await send(JSON.stringify({ text: '[{"'.repeat(1_000) }))).statusCode, 200)
  for (const text of [nested(65, '[', ']'), nested(65, '{"a":', '}'), '['.repeat(500_000), '{"\\\\":'.repeat(70)]) {
    const reply = await send(text)
    assert.equal(reply.statusCode, 422, text.slice(0, 20))
    assert.match(reply.body, /INPUT_INVALID/)
  }
})

test('a thousand senders that never finish are cut off, cost little memory and stop nobody', async (t) => {
  const patience = { headersMs: 1_500, bodyMs: 1_500 }
  const { app, ready } = await httpApp({ port: 0, log: pino({ level: 'silent' }), patience })
  t.after(() => app.close())
  app.post('/api/v1/echo', async () => ({}))
  ready()
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const before = process.memoryUsage().rss
  let closed = 0
  const head = 'POST /api/v1/echo HTTP/1.1\r\nHost: localhost\r\n'
  const body = `${head}Content-Type: application/json\r\nContent-Length: 900000\r\n\r\n{"a`
  for (let at = 0; at < 1_000; at++) {
    const socket = connect(port, '127.0.0.1', () => socket.write(at % 2 === 0 ? head : body))
    socket.on('error', () => {})
    socket.on('close', () => (closed += 1))
    t.after(() => socket.destroy())
    socket.resume()
  }
  await waitUntil(
    () => new Promise((tell) => app.server.getConnections((_, count) => tell(count > 500 || closed > 0))),
    {
      what: 'the senders to be connected',
    },
  )

  assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200)
  const grown = process.memoryUsage().rss - before
  await waitUntil(() => closed === 1_000, { what: 'all of them to be cut off', ms: 30_000 })

  assert.ok(grown < 50 * 1_048_576, `${Math.round(grown / 1_048_576)} MiB`)
})
