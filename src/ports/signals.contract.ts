import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { freshScopes, logsRequest, type SampleScopes } from './otlp-samples.ts'
import type { SignalScope } from './signals.ts'

export interface ReceiverUnderTest {
  /** What stands before `/v1/logs`. */
  readonly endpoint: string
  token(scope: SignalScope): string
  /** The texts that were stored for a scope, oldest first; resolves when what was sent before is readable. */
  texts(scope: SignalScope): Promise<readonly string[]>
}

/** What every receiver of workloads' OTLP promises. `make` may give one before a store that others write to. */
export function describeSignals(product: string, make: (t: TestContext) => Promise<ReceiverUnderTest>): void {
  const promise = (what: string, check: (receiver: ReceiverUnderTest, scopes: SampleScopes) => Promise<void>) =>
    void test(`${product}: ${what}`, async (t) => check(await make(t), freshScopes()))

  promise('the token says whose lines they are, whatever the payload claims', async (receiver, scopes) => {
    const claims = { 'service.name': scopes.other.service, 'deployment.environment.name': scopes.elsewhere.environment }

    const reply = await post(receiver, scopes.mine, { body: JSON.stringify(logsRequest([{ text: 'hello' }], claims)) })

    assert.deepEqual([reply.status, await reply.json()], [200, {}])
    assert.deepEqual(await receiver.texts(scopes.mine), ['hello'])
    for (const foreign of [scopes.other, scopes.elsewhere]) {
      assert.deepEqual(await receiver.texts(foreign), [])
    }
  })

  promise('without a right token nothing is taken', async (receiver, scopes) => {
    const body = JSON.stringify(logsRequest([{ text: 'forged' }]))
    const changed = receiver.token(scopes.mine).replace(scopes.mine.service, scopes.other.service)

    for (const authorization of ['', 'Bearer none', `Bearer ${changed}`]) {
      assert.equal((await post(receiver, scopes.mine, { body, headers: { authorization } })).status, 401)
    }
    assert.deepEqual(await receiver.texts(scopes.mine), [])
    assert.deepEqual(await receiver.texts(scopes.other), [])
  })

  promise('packed bodies are unpacked', async (receiver, scopes) => {
    const body = gzipSync(JSON.stringify(logsRequest([{ text: 'packed' }])))

    const reply = await post(receiver, scopes.mine, { body, headers: { 'content-encoding': 'gzip' } })

    assert.equal(reply.status, 200)
    assert.deepEqual(await receiver.texts(scopes.mine), ['packed'])
  })

  promise('an empty request is a full success in both encodings', async (receiver, scopes) => {
    const protobuf = await post(receiver, scopes.mine, {
      body: Buffer.alloc(0),
      headers: { 'content-type': 'application/x-protobuf' },
    })

    assert.deepEqual([protobuf.status, (await protobuf.arrayBuffer()).byteLength], [200, 0])
    assert.deepEqual(await (await post(receiver, scopes.mine, { body: '{}' })).json(), {})
  })

  promise('what is not OTLP is refused for good', async (receiver, scopes) => {
    assert.equal((await post(receiver, scopes.mine, { body: '{"resourceLogs":' })).status, 400)
    assert.equal(
      (await post(receiver, scopes.mine, { body: 'x', headers: { 'content-type': 'text/plain' } })).status,
      415,
    )
  })
}

function post(
  { endpoint, token }: ReceiverUnderTest,
  scope: SignalScope,
  { body, headers = {} }: { body: string | Uint8Array<ArrayBuffer>; headers?: Record<string, string> },
): Promise<Response> {
  const usual = { authorization: `Bearer ${token(scope)}`, 'content-type': 'application/json' }
  return fetch(`${endpoint}/v1/logs`, { method: 'POST', body, headers: { ...usual, ...headers } })
}
