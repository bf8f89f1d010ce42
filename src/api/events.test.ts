import assert from 'node:assert/strict'
import { type AddressInfo, connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Caller } from '#services/caller.ts'
import { liveEvents } from '#services/live-events.ts'
import { testDatabase } from '../../testing/database.ts'
import { lastFirst } from '../../testing/last-first.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import { registerEvents } from './events.ts'
import { registerProblems } from './problems.ts'

const person = { name: 'dev', displayName: 'Dev', teams: ['team-a'], roles: ['developer' as const] }
const caller: Caller = { person, carrier: 'token', token: 'x' }

test('news reach open streams by type, object and version only, as far as their topics go', async (t) => {
  const { events, open } = await start(t)
  const all = await open()
  const runs = await open('?topics=run')

  await events.publish('run', 'run:1')
  await events.publish('change', 'change:2')

  await waitUntil(() => all.text().includes('change:2'), { what: 'the second event' })
  const news = all.text().replaceAll(': ping\n\n', '')
  assert.match(news, /^retry: 2000\n\nid: \d+\nevent: run\ndata: \{"type":"run","object":"run:1","version":\d+\}\n\n/)
  await waitUntil(() => runs.text().includes('run:1'), { what: 'the event of the topic' })
  assert.doesNotMatch(runs.text(), /change/)
})

test('who comes back gets what was missed behind the last id, once', async (t) => {
  const { events, open } = await start(t)
  const first = await open()
  for (const object of ['run:1', 'run:2', 'run:3']) await events.publish('run', object)
  await waitUntil(() => first.text().includes('run:3'), { what: 'all events' })
  const [one = ''] = [...first.text().matchAll(/id: (\d+)/g)].map((match) => match[1])

  const again = await open('', { 'last-event-id': one })

  await waitUntil(() => again.text().includes('run:3'), { what: 'the missed events' })
  assert.doesNotMatch(again.text(), /run:1/)
  assert.equal(again.text().match(/run:2/g)?.length, 1)
})

test('a silent stream is kept open, and ends when its session does', async (t) => {
  const { open, session } = await start(t)
  const one = await open()
  await waitUntil(() => one.text().includes(': ping'), { what: 'a ping' })

  session.caller = async () => undefined

  await waitUntil(() => one.ended(), { what: 'the stream to end' })
})

test('a database that is away ends the stream and nothing else', async (t) => {
  const { open, session } = await start(t)
  const one = await open()

  session.caller = async () => Promise.reject(new Error('Connection terminated'))
  await waitUntil(() => one.ended(), { what: 'the stream to end' })
  session.caller = async () => caller

  assert.match((await open()).text(), /retry/)
})

test('one person may open twenty streams, and another one after closing one', async (t) => {
  const { open, origin } = await start(t)
  const streams = await Promise.all(Array.from({ length: 20 }, () => open()))

  const refused = await fetch(`${origin}/api/v1/events`)
  streams[0]?.close()

  assert.equal(refused.status, 429)
  await waitUntil(async () => (await open().catch(() => undefined)) !== undefined, { what: 'room for one more' })
})

test('an instance has two thousand streams, and says when it is full', async (t) => {
  const { events, origin } = await start(t)
  const stops = Array.from({ length: 2_000 }, () => events.subscribe(() => {}))

  const refused = await fetch(`${origin}/api/v1/events`)
  for (const stop of stops) stop()

  assert.equal(refused.status, 503)
  assert.match(await refused.text(), /SERVER_BUSY/)
})

test('a reader that does not read is let go once a mebibyte waits for it', async (t) => {
  const { events, app, origin } = await start(t)
  const { port } = new URL(origin)
  const socket = connect(Number(port), '127.0.0.1', () =>
    socket.write('GET /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n'),
  )
  socket.on('error', () => {})
  socket.pause()
  t.after(() => socket.destroy())
  const open = () => new Promise<number>((tell) => app.server.getConnections((_, count) => tell(count)))
  await waitUntil(async () => (await open()) === 1, { what: 'the stream to be open' })

  await waitUntil(
    async () => {
      for (let at = 0; at < 20; at++) events.hint('run', `run:${'x'.repeat(100_000)}`)
      return (await open()) === 0
    },
    { what: 'the stream to be ended' },
  )
})

async function start(t: TestContext) {
  const after = lastFirst(t)
  const { db, pool } = await testDatabase({ after })
  const events = liveEvents(db, pool)
  await events.start()
  const session = { caller: async (): Promise<Caller | undefined> => caller }
  const app = Fastify({ forceCloseConnections: true }) as unknown as FastifyInstance
  registerProblems(app)
  registerEvents(app, { events, authenticate: () => session.caller(), pingMs: 50 })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const stops: (() => void)[] = []
  after(() => events.stop())
  after(async () => {
    for (const stop of stops) stop()
    await app.close()
  })
  const open = async (query = '', headers: Record<string, string> = {}) => {
    const stop = new AbortController()
    stops.push(() => stop.abort())
    const reply = await fetch(`${origin}/api/v1/events${query}`, { headers, signal: stop.signal })
    assert.equal(reply.status, 200)
    let [text, ended] = ['', false]
    const read = async () => {
      for await (const part of reply.body?.pipeThrough(new TextDecoderStream()) ?? []) text += part
    }
    void read()
      .catch(() => {})
      .then(() => (ended = true))
    await waitUntil(() => text.includes('retry'), { what: 'the stream to begin' })
    return { text: () => text, ended: () => ended, close: () => stop.abort() }
  }
  return { events, app, open, session, origin }
}
