import assert from 'node:assert/strict'
import { request } from 'node:http'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startTestControlPlane } from '../../testing/control-plane.ts'
import { allRoutes } from './contract/all.ts'

const plane = await startTestControlPlane({ after })
const dev = await plane.tokenOf('dev')
const origin = `http://localhost:${plane.port}`

for (const route of allRoutes.filter(({ access }) => access === 'signed-in')) {
  test(`${route.method} ${route.path} says 401 to a stranger before it looks at the input`, async () => {
    const path = route.path.replaceAll(/:\w+/g, 'NOT-%20-valid')

    const reply = await plane.ask(path, { method: route.method, ...(route.method !== 'GET' && { json: { wrong: 1 } }) })

    assert.equal(reply.status, 401)
    assert.match(reply.headers.get('content-type') ?? '', /^application\/problem\+json/)
    const problem = (await reply.json()) as Record<string, unknown>
    assert.equal(problem['code'], 'NOT_SIGNED_IN')
    assert.equal(problem['requestId'], reply.headers.get('x-request-id'))
  })
}

test('tokens that nobody gave out, also as cookies or under another carrier, open nothing', async () => {
  const cookie = `fairway_session_${plane.port}`
  const tries: Record<string, string>[] = [
    { authorization: 'Bearer forged' },
    { authorization: `Basic ${dev}` },
    { authorization: `Bearer ${dev} ` + 'x' },
    { cookie: `${cookie}=${dev}` },
    { cookie: `fairway_session=${dev}` },
    { 'x-forwarded-user': 'platform' },
  ]
  for (const headers of tries)
    assert.equal((await plane.ask('/api/v1/me', { headers })).status, 401, Object.keys(headers)[0])
})

test('a write that another site makes a browser send is refused', async () => {
  const foreign: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:1' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]
  for (const headers of foreign) {
    const reply = await plane.ask('/api/v1/catalog/refresh', { token: dev, headers, json: {} })
    assert.equal(reply.status, 403, JSON.stringify(headers))
    assert.equal(await codeOf(reply), 'CROSS_SITE_REFUSED')
  }
  const signIn = { user: 'dev', key: plane.key, carrier: 'cookie' }
  const login = await plane.ask('/api/v1/sessions', { json: signIn, headers: { origin: 'https://evil.example' } })
  assert.equal(login.status, 403)
  assert.equal(login.headers.get('set-cookie'), null)
})

test('a write of our own site passes', async () => {
  const headers = { origin, 'sec-fetch-site': 'same-origin' }

  const reply = await plane.ask('/api/v1/sessions', {
    headers,
    json: { user: 'dev', key: plane.key, carrier: 'token' },
  })

  assert.equal(reply.status, 201)
})

test('a body that is no JSON is refused', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const reply = await fetch(`${origin}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: JSON.stringify({ user: 'dev', key: plane.key }),
    })
    assert.ok(reply.status === 403 || reply.status === 415, `${type}: ${reply.status}`)
    assert.equal(await codeOf(reply), 'CROSS_SITE_REFUSED')
  }
})

test('a field that the contract does not know is refused, by its name', async () => {
  for (const field of ['roles', 'teams', '__proto__']) {
    const body = `{"user":"dev","key":"${plane.key}","carrier":"token","${field}":["platform"]}`
    const reply = await fetch(`${origin}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    assert.equal(reply.status, 422, field)
    assert.equal(await codeOf(reply), 'INPUT_INVALID')
  }
})

test('input that does not fit names each field and never shows where the code lies', async () => {
  const reply = await plane.ask('/api/v1/runs?limit=100000', { token: dev })
  const text = await reply.text()

  assert.equal(reply.status, 422)
  assert.match(text, /limit/)
  assert.doesNotMatch(text, /node_modules|\.ts:|at \w+ \(/)
})

test('another name in the Host header is refused, whatever the path', async () => {
  for (const path of ['/', '/api/v1/sign-in', '/healthz', '/git/team-a/x.git/info/refs']) {
    const { status, body } = await askAs('evil.example', path)
    assert.equal(status, 403, path)
    assert.match(body, /CROSS_SITE_REFUSED/)
  }
  assert.equal((await askAs(`127.0.0.1:${plane.port}`, '/api/v1/sign-in')).status, 200)
})

test('a body over one MiB is refused', async () => {
  const reply = await plane.ask('/api/v1/sessions', { json: { user: 'dev', key: 'x'.repeat(1_100_000) } })

  assert.equal(reply.status, 413)
  assert.match(reply.headers.get('content-type') ?? '', /^application\/problem\+json/)
})

test('JSON that is broken, too deep for nobody, or empty is the sender’s fault and no server error', async () => {
  for (const body of ['{', '[]', 'null', '"x"', '['.repeat(50_000)]) {
    const reply = await fetch(`${origin}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    assert.ok(reply.status >= 400 && reply.status < 500, `${body.slice(0, 9)}: ${reply.status}`)
    assert.match(reply.headers.get('content-type') ?? '', /^application\/problem\+json/)
  }
})

test('every answer forbids frames, foreign scripts and guessing of types', async () => {
  for (const path of ['/', '/api/v1/me', '/api/openapi.json', '/healthz', '/nowhere.js']) {
    const { headers } = await plane.ask(path)
    assert.match(headers.get('content-security-policy') ?? '', /script-src 'self';.*frame-ancestors 'none'/, path)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/)
  }
})

test('answers of the API are kept by no cache', async () => {
  for (const path of ['/api/v1/me', '/api/v1/services', '/api/v1/nothing'])
    assert.match((await plane.ask(path, { token: dev })).headers.get('cache-control') ?? '', /no-store/, path)
})

test('the document that is served is the one in docs/reference', async () => {
  const served = await (await plane.ask('/api/openapi.json')).json()
  const written = JSON.parse(await readFile(join(import.meta.dirname, '../../docs/reference/openapi.json'), 'utf8'))

  assert.deepEqual(served, written)
})

test('what is not there is a problem with the path and without the query', async () => {
  const reply = await plane.ask('/api/v1/nothing?secret=canary', { token: dev })
  const text = await reply.text()

  assert.equal(reply.status, 404)
  assert.equal(JSON.parse(text).code, 'NOT_FOUND')
  assert.doesNotMatch(text, /canary/)
})

async function codeOf(reply: Response): Promise<unknown> {
  return ((await reply.json()) as { code: unknown }).code
}

function askAs(host: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port: plane.port, path, headers: { host } }, (reply) => {
      let body = ''
      reply.on('data', (part) => (body += String(part)))
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body }))
    })
    asking.on('error', reject)
    asking.end()
  })
}
