import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import pino from 'pino'
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
