import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { test } from 'node:test'
import { createApp } from './app.ts'
import { readConfig, serviceName } from './config.ts'
import { createLog } from './log.ts'
import type { Readiness } from './readiness.ts'
import { startForTest } from './testing/start-for-test.ts'

test('the greeting names the service, its version and its environment', async (t) => {
  const { url } = await startForTest(t, { GREETING: 'Ahoy', FAIRWAY_VERSION: '1.2.3', FAIRWAY_ENVIRONMENT: 'dev' })

  const answer = await (await fetch(url)).json()

  assert.deepEqual(answer, {
    greeting: `Ahoy from ${serviceName}`,
    name: serviceName,
    version: '1.2.3',
    environment: 'dev',
  })
})

test('it is ready only between listening and draining, and alive throughout', async () => {
  const readiness: Readiness = { state: 'starting' }
  const app = createApp({ config: readConfig({}), log: createLog('fatal'), readiness })
  const statuses: number[] = []

  for (const state of ['starting', 'ready', 'draining'] as const) {
    readiness.state = state
    statuses.push((await app.request('/readyz')).status)
    assert.equal((await app.request('/healthz')).status, 200)
  }

  assert.deepEqual(statuses, [503, 200, 503])
})

test('openapi.json in the repository is what the service serves (npm run openapi writes it)', async (t) => {
  const { url } = await startForTest(t)

  const served = await (await fetch(`${url}/openapi.json`)).json()

  assert.deepEqual(JSON.parse(await readFile('openapi.json', 'utf8')), served)
})

test('an unknown path is 404 as a problem document', async (t) => {
  const { url } = await startForTest(t)

  const missing = await fetch(`${url}/nowhere`)

  assert.equal(missing.status, 404)
  assert.equal(missing.headers.get('content-type'), 'application/problem+json')
})

test('requests are logged with their route, and probes are not', async (t) => {
  const { url, logged } = await startForTest(t)

  await fetch(`${url}/healthz`)
  await fetch(`${url}/items/none`)

  const [request, ...others] = logged().filter(({ msg }) => msg === 'request')
  assert.equal(request.route, '/items/:id')
  assert.equal(request.status, 404)
  assert.deepEqual(others, [])
})

test('a failing handler is answered with 500 and no inner detail, and the log has the reason', async () => {
  const lines: string[] = []
  const log = createLog('info', (line) => lines.push(line))
  const app = createApp({ config: readConfig({}), log, readiness: { state: 'ready' } })
  app.get('/broken', () => {
    throw new Error('the secret reason')
  })

  const answer = await app.request('/broken')

  assert.equal(answer.status, 500)
  assert.doesNotMatch(await answer.text(), /secret/)
  assert.match(lines.join(''), /the secret reason/)
})

test('a request in hand is finished while the service drains', async (t) => {
  const { service } = await startForTest(t)
  const body = JSON.stringify({ name: 'tea' })
  const socket = connect(service.port, '127.0.0.1')
  const head = `POST /items HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: ${body.length}\r\n\r\n`
  let received = ''
  const continued = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      received += chunk
      resolve()
    })
  })
  socket.write(head)
  await continued

  const closed = once(socket, 'close')
  const drained = service.drain(0)
  socket.write(body)
  await Promise.all([drained, closed])

  assert.match(received, /HTTP\/1\.1 201 Created/)
})

test('a request that never ends is cut off at the limit', async (t) => {
  const { service, logged } = await startForTest(t, { DRAIN_LIMIT_MS: '50' })
  const socket = connect(service.port, '127.0.0.1')
  socket.on('error', () => {})
  const continued = new Promise((resolve) => socket.once('data', resolve))
  socket.write('POST /items HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n')
  await continued

  await service.drain(0)

  assert.ok(logged().some(({ msg }) => msg === 'requests cut off'))
})
