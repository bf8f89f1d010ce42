import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { codeOf } from '#errors/platform-error.ts'
import { digestOf } from '#lib/digest.ts'
import { checkConnection } from './check-connection.ts'
import { ociRegistry } from './oci-registry.ts'

const name = 'team-a/shop'
const bytes = Buffer.from('some content')
const digest = digestOf(bytes)

test('a token of the realm that the registry names is asked for with the credential, for this repository, and used', async (t) => {
  const seen: string[] = []
  const url = await registry(t, ({ req, res, url: self }) => {
    seen.push(`${req.url} ${req.headers.authorization ?? '-'}`)
    if (req.url?.startsWith('/token'))
      return answer(res, 200, JSON.stringify({ token: 'short-lived', expires_in: 300 }))
    if (req.headers.authorization === 'Bearer short-lived') return answer(res, 200, bytes)
    res.setHeader('www-authenticate', `Bearer realm="${self}/token",service="registry"`)
    answer(res, 401)
  })
  process.env['REGISTRY_PASSWORD'] = 'long-lived'
  t.after(() => delete process.env['REGISTRY_PASSWORD'])

  const store = ociRegistry({ url, username: 'robot', password: { fromEnv: 'REGISTRY_PASSWORD' } })

  assert.deepEqual(await buffer(await store.readBlob(name, digest)), bytes)
  assert.deepEqual(await buffer(await store.readBlob(name, digest)), bytes)
  const basic = `Basic ${Buffer.from('robot:long-lived').toString('base64')}`
  const tokens = seen.filter((line) => line.startsWith('/token'))
  assert.deepEqual(tokens, [`/token?scope=repository%3Ateam-a%2Fshop%3Apull&service=registry ${basic}`])
})

test('a realm on another host without TLS gets no credential', async (t) => {
  const url = await registry(t, ({ res }) => {
    res.setHeader('www-authenticate', 'Bearer realm="http://elsewhere.example/token"')
    answer(res, 401)
  })

  await assert.rejects(ociRegistry({ url }).hasBlob(name, digest), { code: 'PRODUCT_UNAUTHORISED' })
})

test('content that lies elsewhere is fetched there without the credential', async (t) => {
  const asked: (string | undefined)[] = []
  const elsewhere = await registry(t, ({ req, res }) => {
    asked.push(req.headers.authorization)
    answer(res, 200, bytes)
  })
  const url = await registry(t, ({ req, res }) => {
    if (!req.headers.authorization) {
      res.setHeader('www-authenticate', 'Basic realm="x"')
      return answer(res, 401)
    }
    res.setHeader('location', `${elsewhere}/content`)
    answer(res, 307)
  })
  process.env['REGISTRY_PASSWORD'] = 'secret'
  t.after(() => delete process.env['REGISTRY_PASSWORD'])

  const store = ociRegistry({ url, username: 'robot', password: { fromEnv: 'REGISTRY_PASSWORD' } })

  assert.deepEqual(await buffer(await store.readBlob(name, digest)), bytes)
  assert.deepEqual(asked, [undefined])
})

test('bytes that are not what the digest names are never handed out as whole, blobs and manifests alike', async (t) => {
  const url = await registry(t, ({ res }) => answer(res, 200, 'some kontent'))
  const store = ociRegistry({ url })

  await assert.rejects(store.readBlob(name, digest).then(buffer), { code: 'ARTIFACT_CORRUPT' })
  await assert.rejects(store.readManifest(name, digest), { code: 'ARTIFACT_CORRUPT' })
})

test('a push whose answer is lost is adopted when the blob is there, and fails when it is not', async (t) => {
  for (const arrived of [true, false]) {
    let put = false
    const url = await registry(t, ({ req, res }) => {
      if (req.method === 'HEAD') return answer(res, put && arrived ? 200 : 404)
      if (req.method === 'POST') {
        res.setHeader('location', '/v2/team-a/shop/blobs/uploads/1?state=x')
        return answer(res, 202)
      }
      put = true
      req.socket.destroy()
    })
    const outcome = await ociRegistry({ url })
      .putBlob(name, digest, bytes)
      .then(
        () => 'adopted',
        (error: unknown) => codeOf(error),
      )

    assert.equal(outcome, arrived ? 'adopted' : 'PRODUCT_UNREACHABLE')
  }
})

test('a credential without the right to push is told by the scope it lacks, and no error repeats it', async (t) => {
  const url = await registry(t, ({ req, res }) =>
    req.method === 'GET' || req.method === 'HEAD'
      ? answer(res, req.url === '/v2/' ? 200 : 404)
      : answer(res, 403, 'denied'),
  )

  const checks = await checkConnection({ url })

  const push = checks.find(({ check }) => check === 'push')
  assert.equal(push?.state, 'missing')
  assert.match(push?.found ?? '', /pull,push on fairway\/connection-check/)
  assert.equal(checks.find(({ check }) => check === 'reach the registry')?.state, 'ok')
})

test('a registry that is not there is unreachable, with its address', async () => {
  await assert.rejects(ociRegistry({ url: 'http://127.0.0.1:9' }).hasBlob(name, digest), {
    code: 'PRODUCT_UNREACHABLE',
    message: /127\.0\.0\.1:9/,
  })
})

interface Asked {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly url: string
}

/** A registry that answers as a test says: a real one does not misbehave when asked to. */
async function registry(t: TestContext, handle: (asked: Asked) => void): Promise<string> {
  const server = createServer((req, res) => handle({ req, res, url }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return url
}

function answer(res: ServerResponse, status: number, body: string | Buffer = ''): void {
  res.statusCode = status
  res.end(body)
}
