import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { z } from 'zod'
import { codeOf, type PlatformError } from '#errors/platform-error.ts'
import { waitUntil } from '../../../testing/wait-until.ts'
import { productSource } from './product-source.ts'

const Answer = z.object({ value: z.number() })

test('who asks while the product hangs hears since when, in time, and those behind hear it at once', async (t) => {
  let asked = 0
  const { url } = await serve(t, () => asked++)
  const source = productSource({ product: 'Loki', baseUrl: url, timeoutMs: 300 })

  const first = await failure(source.find({ path: '/' }, Answer))
  const before = asked
  const behind = await Promise.all(Array.from({ length: 200 }, () => failure(source.find({ path: '/' }, Answer))))

  assert.match(first.message, /^Loki at .* cannot be asked since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: /)
  assert.equal(asked, before)
  for (const error of behind) assert.deepEqual([codeOf(error), error.facts], ['PRODUCT_UNREACHABLE', first.facts])
})

test('the instant stays that of the first failure until the product answers', async (t) => {
  const { server, url, port } = await serve(t, (_, reply) => reply.end('{"value":7}'))
  const source = productSource({ product: 'Loki', baseUrl: url, timeoutMs: 2_000 })
  await new Promise((resolve) => server.close(resolve).closeAllConnections())
  const first = await failure(source.find({ path: '/' }, Answer))
  await waitUntil(async () => (await failure(source.find({ path: '/' }, Answer))) !== first, {
    what: 'a second try',
    everyMs: 200,
  })
  assert.deepEqual((await failure(source.find({ path: '/' }, Answer))).facts, first.facts)

  const back = createServer((_, reply) => reply.end('{"value":7}')).listen(port, '127.0.0.1')
  t.after(() => back.close())

  const answer = await waitUntil(() => source.find({ path: '/' }, Answer), { what: 'the product', everyMs: 200 })
  assert.deepEqual(answer, { value: 7 })
})

test('no more than a bounded number of questions wait', async (t) => {
  let asked = 0
  const { url } = await serve(t, () => asked++)
  const source = productSource({ product: 'Loki', baseUrl: url, timeoutMs: 500, atOnce: 4 })

  const codes = await Promise.all(
    Array.from({ length: 500 }, async () => codeOf(await failure(source.find({ path: '/' }, Answer)))),
  )

  assert.equal(codes.filter((code) => code === 'SERVER_BUSY').length, 500 - 64)
  assert.equal(codes.filter((code) => code === 'PRODUCT_UNREACHABLE').length, 64)
  assert.ok(asked <= 64)
})

test('an answer that never ends is not held', async (t) => {
  const { url } = await serve(t, (_, reply) => {
    const more = (): void => void (reply.write('x'.repeat(65_536)) ? setImmediate(more) : reply.once('drain', more))
    more()
  })
  const source = productSource({ product: 'Loki', baseUrl: url, maxBytes: 1_000_000 })

  assert.equal(codeOf(await failure(source.find({ path: '/' }, Answer))), 'PRODUCT_FAILED')
})

async function failure(asking: Promise<unknown>): Promise<PlatformError> {
  return asking.then(
    () => assert.fail('it answered'),
    (error: PlatformError) => error,
  )
}

async function serve(
  t: TestContext,
  listener: RequestListener,
): Promise<{ server: Server; url: string; port: number }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  t.after(() => server.close().closeAllConnections())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { server, url: `http://127.0.0.1:${port}`, port }
}
