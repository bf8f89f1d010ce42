import assert from 'node:assert/strict'
import { once } from 'node:events'
import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { readWorkloadToken } from '#lib/workload-token.ts'
import { otlpSecret, startAgentLab } from '../../../testing/agent/agent-lab.ts'
import { serverProgram } from '../../../testing/agent/images.ts'
import { waitUntil } from '../../../testing/wait-until.ts'
import { manifestsFor } from '../../ports/delivery.contract.ts'
import { logShipper, registerLogs } from './log-shipper.ts'

const owner = { instance: 'shop-1', service: 'shop', environment: 'dev', owner: 'team-a', version: '1.0.0' }

test('lines of output arrive with level, time, trace and the workload’s own token', async (t) => {
  const { ship, write, receiver } = await shipping(t)
  const time = '2026-01-02T03:04:05.678Z'
  const traceId = 'a'.repeat(32)
  await write(
    'out',
    `${JSON.stringify({ time, level: 'warn', msg: 'low stock', trace_id: traceId, item: 7 })}\nplain words\n`,
  )
  await write('err', 'TypeError: no\n    at main (file.js:1:2)\nonly a remark\n')

  await ship.round()

  const { records, tokens, resources } = receiver
  assert.deepEqual(
    records.map(({ body, severityText }) => [body.stringValue, severityText]),
    [
      ['low stock', 'warn'],
      ['plain words', 'info'],
      ['TypeError: no', 'error'],
      ['    at main (file.js:1:2)', 'error'],
      ['only a remark', 'info'],
    ],
  )
  assert.equal(records[0]?.timeUnixNano, `${Date.parse(time)}000000`)
  assert.equal(records[0]?.traceId, traceId)
  assert.deepEqual(records[0]?.attributes.find(({ key }) => key === 'item')?.value, { intValue: '7' })
  assert.deepEqual(readWorkloadToken(otlpSecret, tokens[0] ?? ''), {
    service: 'shop',
    environment: 'dev',
    owner: 'team-a',
  })
  assert.ok(resources.includes('service.instance.id=shop-1'))
})

test('lines wait while nobody takes them, and arrive once, in order, without the half-written one', async (t) => {
  const { ship, write, receiver } = await shipping(t)
  receiver.status = 503
  await write('out', 'one\ntwo\n')
  await ship.round()
  receiver.status = 200
  await write('out', 'three\nhalf')

  await waitUntil(async () => (await ship.round(), receiver.records.length >= 3), { what: 'the lines' })
  await write('out', ' and whole\n')
  await ship.round()

  assert.deepEqual(
    receiver.records.map(({ body }) => body.stringValue),
    ['one', 'two', 'three', 'half and whole'],
  )
  assert.equal(ship.dropped, 0)
})

test('the last words of an instance that ended arrive, and its files are removed', async (t) => {
  const { ship, write, receiver, folder, running } = await shipping(t)
  await write('err', 'no line end')
  await ship.round()
  assert.equal(receiver.records.length, 0)

  running.clear()
  await ship.round()

  assert.deepEqual(
    receiver.records.map(({ body }) => body.stringValue),
    ['no line end'],
  )
  assert.deepEqual(await readdir(join(folder, 'dev/shop')), [])
})

test('a file over its limit is cut, and lines that nobody took are counted', async (t) => {
  const { ship, write, receiver, folder } = await shipping(t, { rotateBytes: 1_000 })
  receiver.status = 503
  await write('out', 'x'.repeat(99).concat('\n').repeat(20))

  await ship.round()

  assert.equal(ship.dropped, 20)
  assert.equal((await stat(join(folder, 'dev/shop/shop-1.out'))).size, 0)
  receiver.status = 200
  await write('out', 'after\n')
  await waitUntil(async () => (await ship.round(), receiver.records.length > 0), { what: 'the next line' })
  assert.deepEqual(
    receiver.records.map(({ body }) => body.stringValue),
    ['after'],
  )
})

test('a batch that will never be taken is dropped and counted, and the next goes on', async (t) => {
  const { ship, write, receiver } = await shipping(t)
  receiver.status = 400
  await write('out', 'poison\n')
  await ship.round()
  receiver.status = 200
  await write('out', 'good\n')

  await ship.round()

  assert.deepEqual([ship.dropped, receiver.records.map(({ body }) => body.stringValue)], [1, ['good']])
})

test('the agent ships what a workload said before it crashed', async (t) => {
  const receiver = await startReceiver(t)
  const lab = await startAgentLab(t, { otlpEndpoint: receiver.endpoint })
  const shop = { environment: 'dev', service: 'shop' }
  const image = await lab.images.put(serverProgram({ version: '1.0.0' }))
  await lab.deploy(shop, manifestsFor(shop, { image, version: '1.0.0', replicas: 1 }))

  await lab.get(shop, '/crash').catch(() => {})

  const last = await waitUntil(
    () => receiver.records.find(({ body }) => body.stringValue === 'Error: asked to crash'),
    { what: 'the last words' },
  )
  assert.equal(last.severityText, 'error')
})

interface Received {
  readonly body: { readonly stringValue: string }
  readonly severityText: string
  readonly timeUnixNano: string
  readonly traceId?: string
  readonly attributes: readonly { key: string; value: unknown }[]
}

async function shipping(t: TestContext, { rotateBytes = 10_000_000 } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-logs-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const receiver = await startReceiver(t)
  const running = new Set([owner.instance])
  await registerLogs(folder, owner)
  const source = {
    remote: { url: 'http://127.0.0.1:9/x.git', username: 'x', password: 'x' },
    branch: 'main',
    artifacts: folder,
    environments: ['dev'],
    imageKeys: [],
    otlp: { endpoint: receiver.endpoint, secret: otlpSecret },
  }
  const ship = logShipper({ folder, source: () => source, isRunning: (id) => running.has(id), rotateBytes })
  const write = (stream: 'out' | 'err', words: string) => appendFile(join(folder, `dev/shop/shop-1.${stream}`), words)
  return { ship, write, receiver, folder, running }
}

async function startReceiver(t: TestContext) {
  const state = { status: 200, records: [] as Received[], tokens: [] as string[], resources: '', endpoint: '' }
  const server: Server = createServer(async (request, response) => {
    const body = await text(request)
    if (state.status === 200 && request.url === '/otlp/v1/logs') {
      state.tokens.push((request.headers.authorization ?? '').replace('Bearer ', ''))
      for (const { resource, scopeLogs } of JSON.parse(body).resourceLogs) {
        state.resources += resource.attributes
          .map((one: { key: string; value: { stringValue: string } }) => `${one.key}=${one.value.stringValue} `)
          .join('')
        for (const { logRecords } of scopeLogs) state.records.push(...logRecords)
      }
    }
    response.writeHead(state.status).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close().closeAllConnections())
  state.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/otlp`
  return state
}
