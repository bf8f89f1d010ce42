import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { logsRequest } from '#ports/otlp-samples.ts'
import { describeSignals } from '#ports/signals.contract.ts'
import { openDatabase } from '#store/database.ts'
import { readLogLines } from '#store/signals-log.ts'
import { type SignalReceiver, signalReceiver } from '../../../../testing/signal-receiver.ts'

describeSignals('local', async (t) => {
  const { url, db, token } = await signalReceiver(t)
  return {
    endpoint: `${url}/otlp`,
    token: ({ service, environment }) => token(service, environment),
    texts: async (of) => (await readLogLines(db, of, { limit: 10 })).map(({ text }) => text),
  }
})

const packedJson = { 'content-encoding': 'gzip', 'content-type': 'application/json' }
const scope = { service: 'shop', environment: 'dev' }

test('the owner is the one of the token', async (t) => {
  const receiver = await signalReceiver(t)
  const claims = { 'service.name': 'vault', 'deployment.environment.name': 'production', 'fairway.owner': 'team-z' }

  const reply = await receiver.post('logs', 'shop', logsRequest([{ text: 'hello' }], claims))

  assert.equal(reply.status, 200)
  const streams = await receiver.db.selectFrom('signal_stream').select(['service', 'environment', 'owner']).execute()
  assert.deepEqual(streams, [{ ...scope, owner: 'team-a' }])
})

test('a wrong token is refused before the body is read, and the connection closes', async (t) => {
  const receiver = await signalReceiver(t)
  const tampered = receiver.token('shop').replace('.dev.', '.production.')

  for (const authorization of ['', 'Basic x', 'Bearer nonsense', `Bearer ${tampered}`]) {
    const head = await answerWithoutBody(t, receiver, { authorization, length: 4_000_000 })
    assert.match(head, /^HTTP\/1\.1 401 [\s\S]*connection: close/i)
  }
})

test('a body of three megabytes is taken, whatever the limit of the API around it', async (t) => {
  const receiver = await signalReceiver(t)
  const lines = Array.from({ length: 200 }, () => ({ text: 'x'.repeat(15_000) }))

  const reply = await receiver.post('logs', 'shop', logsRequest(lines))

  assert.deepEqual([reply.status, await reply.json()], [200, {}])
})

test('a small body that unpacks to a huge one is refused without holding it', async (t) => {
  const receiver = await signalReceiver(t)
  const bomb = gzipSync(Buffer.alloc(200_000_000), { level: 9 })
  const before = process.memoryUsage().rss

  const replies = await Promise.all(
    Array.from({ length: 8 }, (_, at) => receiver.send({ service: `shop-${at}`, body: bomb, headers: packedJson })),
  )

  assert.deepEqual(
    replies.map(({ status }) => status),
    Array(8).fill(413),
  )
  assert.ok(process.memoryUsage().rss - before < 100_000_000)
})

test('a body over the cap is refused by its stated length, and while it streams', async (t) => {
  const receiver = await signalReceiver(t)
  const head = await answerWithoutBody(t, receiver, {
    authorization: `Bearer ${receiver.token('shop')}`,
    length: 5_000_000,
  })
  assert.match(head, /^HTTP\/1\.1 413/)

  const endless = new ReadableStream({ pull: (stream) => stream.enqueue(Buffer.alloc(65_536, 32)) })
  const init = {
    method: 'POST',
    body: endless,
    duplex: 'half',
    headers: { authorization: `Bearer ${receiver.token('shop')}`, 'content-type': 'application/json' },
  }
  const streaming = fetch(`${receiver.url}/otlp/v1/logs`, init as RequestInit)

  // The sender may see the answer or the closed connection first; either way it cannot go on.
  const outcome = await streaming.then(
    ({ status }) => status,
    () => 'closed',
  )
  assert.ok(outcome === 413 || outcome === 'closed', String(outcome))
})

test('a sender that is too slow is cut off', async (t) => {
  const receiver = await signalReceiver(t, { maxBodyMs: 100 })

  const head = await answerWithoutBody(t, receiver, {
    authorization: `Bearer ${receiver.token('shop')}`,
    length: 1_000,
  })

  assert.ok(head === '' || head.startsWith('HTTP/1.1 408'), head)
})

test('what is not OTLP is refused in the encoding it came in, and nothing breaks', async (t) => {
  const receiver = await signalReceiver(t)
  const deep = '['.repeat(2_000_000)

  const statuses = await Promise.all([
    receiver.post('logs', 'shop', '{"resourceLogs":'),
    receiver.post('logs', 'shop', deep),
    receiver.post('logs', 'shop', '7'),
    receiver.post('logs', 'shop', Buffer.from('not protobuf at all')),
    receiver.send({ body: 'text', headers: { 'content-type': 'text/plain' } }),
    receiver.send({ body: Buffer.from('not packed'), headers: packedJson }),
    receiver.send({ body: '{}', headers: { 'content-encoding': 'br' } }),
  ])

  assert.deepEqual(
    statuses.map(({ status }) => status),
    [400, 400, 400, 400, 415, 400, 415],
  )
  assert.equal(statuses[3]?.headers.get('content-type'), 'application/x-protobuf')
  assert.equal((await receiver.post('logs', 'shop', logsRequest([{ text: 'still here' }]))).status, 200)
})

test('while the store is away senders are told to come again', async (t) => {
  const away = openDatabase('postgres://nobody:none@127.0.0.1:9/none')
  t.after(() => away.close())
  const receiver = await signalReceiver(t, { db: away.db })

  const replies = await Promise.all([1, 2, 3].map(() => receiver.post('logs', 'shop', logsRequest([{ text: 'x' }]))))

  for (const reply of replies) assert.deepEqual([reply.status, reply.headers.get('retry-after')], [503, '2'])
  assert.deepEqual(receiver.sink.waiting(), { rows: 0, bytes: 0 })
})

test('a thousand connections that never finish cost little memory and stop nobody', async (t) => {
  const receiver = await signalReceiver(t)
  const before = process.memoryUsage().rss
  const sockets = await Promise.all(
    Array.from({ length: 1_000 }, async (_, at) => {
      const socket = connect(Number(new URL(receiver.url).port), '127.0.0.1')
      t.after(() => socket.destroy())
      socket.on('error', () => {})
      await once(socket, 'connect')
      const authorization = at % 2 ? `Bearer ${receiver.token('flood')}` : 'Bearer wrong'
      socket.write(`${headOf({ authorization, length: 4_000_000 })}{"resourceLogs":[`)
      return socket
    }),
  )

  const reply = await receiver.post('logs', 'shop', logsRequest([{ text: 'through' }]))

  assert.equal(sockets.length, 1_000)
  assert.equal(reply.status, 200)
  assert.ok(process.memoryUsage().rss - before < 50_000_000, `${process.memoryUsage().rss - before}`)
})

function headOf({ authorization, length }: { authorization: string; length: number }): string {
  const headers = [`authorization: ${authorization}`, 'content-type: application/json', `content-length: ${length}`]
  return ['POST /otlp/v1/logs HTTP/1.1', 'host: x', ...headers, '', ''].join('\r\n')
}

/** Sends a head that promises a body, sends none, and gives back what the server says until it closes. */
async function answerWithoutBody(
  t: TestContext,
  { url }: SignalReceiver,
  head: { authorization: string; length: number },
): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  t.after(() => socket.destroy())
  socket.on('error', () => {})
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.write(headOf(head))
  await once(socket, 'close', { signal: AbortSignal.timeout(10_000) })
  return Buffer.concat(chunks).toString()
}
