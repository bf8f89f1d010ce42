import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { type TestContext, test } from 'node:test'
import { z } from 'zod'
import { answers, cutsOff, faultyServer, halfOpen, silent } from '../../../testing/faulty-server.ts'
import { type HttpClientOptions, httpClient } from './http-client.ts'

const schema = z.object({ ok: z.boolean() })
const good = answers(200, { ok: true })
const token = 'hunter2-very-secret'

async function client(
  t: TestContext,
  replies: Parameters<typeof faultyServer>[1][],
  more: Partial<HttpClientOptions> = {},
) {
  const server = await faultyServer(t, ...replies)
  const headers = () => ({ authorization: `token ${token}` })
  return { server, http: httpClient({ product: 'Harbour', baseUrl: server.url, headers, timeoutMs: 300, ...more }) }
}

test('a read that was lost or failed is repeated, a write is not', async (t) => {
  for (const fault of [cutsOff, silent, halfOpen, answers(503)]) {
    const reading = await client(t, [fault, good])
    assert.deepEqual(await reading.http.json('GET', '/x', { schema }), { ok: true })
    const writing = await client(t, [fault, good])
    await assert.rejects(writing.http.send('POST', '/x', { body: {} }), { name: 'PlatformError' })
    assert.deepEqual(writing.server.asked, ['POST /x'])
  }
})

test('a product that stays away is PRODUCT_UNREACHABLE, one that stays broken PRODUCT_FAILED, after three reads', async (t) => {
  const cases = [[cutsOff, 'PRODUCT_UNREACHABLE'], [silent, 'PRODUCT_UNREACHABLE'], [halfOpen, 'PRODUCT_UNREACHABLE'], [answers(502), 'PRODUCT_FAILED']] as const // biome-ignore format: one thought
  for (const [fault, code] of cases) {
    const { http, server } = await client(t, [fault])
    await assert.rejects(http.send('GET', '/x'), { code })
    assert.equal(server.asked.length, 3)
  }
})

test('a rate limit is waited out as long as Retry-After says, for writes too, by all requests together', async (t) => {
  const { http, server } = await client(t, [answers(429, {}, { 'retry-after': '1' }), good])
  await http.send('POST', '/first', { body: {} })
  assert.deepEqual(server.asked, ['POST /first', 'POST /first'])

  const strict = await client(t, [answers(429, {}, { 'retry-after': '3600' })])
  await assert.rejects(strict.http.send('GET', '/x'), {
    code: 'PRODUCT_RATE_LIMITED',
    facts: { retryAfterSeconds: 3600 },
  })
  await assert.rejects(strict.http.send('GET', '/other'), { code: 'PRODUCT_RATE_LIMITED' })
  assert.deepEqual(strict.server.asked, ['GET /x'])
})

test('401 reads the credential once more and goes on with a new one; the old one again is PRODUCT_UNAUTHORISED', async (t) => {
  const given = ['old', 'new']
  const rotated = await client(t, [answers(401), good], { headers: () => ({ authorization: given.shift() ?? 'new' }) })
  assert.deepEqual(await rotated.http.json('POST', '/x', { schema, body: {} }), { ok: true })

  const revoked = await client(t, [answers(401)])
  await assert.rejects(revoked.http.send('GET', '/x'), { code: 'PRODUCT_UNAUTHORISED' })
  assert.equal(revoked.server.asked.length, 1)
})

test('403 names the scope that is missing', async (t) => {
  const { http } = await client(t, [answers(403, { message: 'no' })])
  await assert.rejects(http.send('GET', '/x', { scope: 'write:repository' }), (error: Error & { code: string }) => {
    assert.equal(error.code, 'PRODUCT_FORBIDDEN')
    assert.match(error.message, /write:repository/)
    return true
  })
})

test('a redirect is not followed, and no answer is read beyond its bound or past its shape', async (t) => {
  const target = await faultyServer(t, good)
  const sent = await client(t, [answers(307, {}, { location: `${target.url}/stolen` })])
  await assert.rejects(sent.http.send('GET', '/x'), { code: 'PRODUCT_FAILED' })
  assert.deepEqual(target.asked, [])

  const large = await client(t, [answers(200, { ok: 'x'.repeat(5000) })], { maxBytes: 1000 })
  await assert.rejects(large.http.json('GET', '/x', { schema }), { code: 'PRODUCT_FAILED' })
  const strange = await client(t, [answers(200, { ok: 'yes' })])
  await assert.rejects(strange.http.json('GET', '/x', { schema }), { message: /another shape.*ok/ })
})

test('no error holds the credential', async (t) => {
  for (const fault of [cutsOff, halfOpen, answers(401), answers(403), answers(500), answers(200, [])]) {
    const { http } = await client(t, [fault])
    const thrown = await http.json('POST', '/x', { schema, body: {} }).catch((error: unknown) => error)
    assert.ok(!inspect(thrown, { depth: 20, showHidden: true }).includes(token))
  }
})

test('404 is an absent object where absence is an answer', async (t) => {
  const { http } = await client(t, [answers(404), good])
  assert.equal(await http.find('/x', { schema }), undefined)
  assert.deepEqual(await http.find('/x', { schema, query: { a: 'b c' } }), { ok: true })
})

test('a storm of writes at a host that takes few a second ends: each is done once, and refusals do not pile up', async (t) => {
  const [perSecond, wanted] = [25, 70]
  let [window, taken, refused] = [0, 0, 0]
  const done: string[] = []
  const strict: Parameters<typeof faultyServer>[1] = (request, response) => {
    const now = Math.floor(Date.now() / 1000)
    if (now !== window) [window, taken] = [now, 0]
    if (++taken <= perSecond) done.push(request.url ?? '')
    else refused += 1
    response.writeHead(taken <= perSecond ? 201 : 429, { 'retry-after': '1' }).end('{}')
  }
  const { http } = await client(t, [strict], { timeoutMs: 10_000 })

  await Promise.all(Array.from({ length: wanted }, (_, at) => http.send('POST', `/repo-${at}`, { body: {} })))

  assert.equal(done.length, wanted)
  assert.equal(new Set(done).size, wanted)
  assert.ok(refused <= 8 * Math.ceil(wanted / perSecond), `${refused} refusals`)
})
