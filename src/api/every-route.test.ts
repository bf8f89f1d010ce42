import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startTestControlPlane } from '../../testing/control-plane.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import { allRoutes } from './contract/all.ts'

// What must hold for every route there is, tried on each.
const plane = await startTestControlPlane({ after })
const token = await plane.tokenOf('platform')
const writes = allRoutes.filter(({ method }) => method !== 'GET')
const signedIn = allRoutes.filter(({ id }) => id !== 'sessions.end')

test('every write of every route is refused when another site sends it, also signing in', async () => {
  for (const { method, path } of writes)
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const reply = await plane.ask(filled(path), { method, token, headers: headers as never, json: {} })
      assert.deepEqual([reply.status, await codeOf(reply)], [403, 'CROSS_SITE_REFUSED'], `${method} ${path}`)
    }
})

test('every write takes JSON only: what a form of another site can send is refused', async () => {
  for (const { method, path } of writes)
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const headers = { 'content-type': type, authorization: `Bearer ${token}` }
      const reply = await fetch(`${plane.url}${filled(path)}`, { method, headers, body: '{"user":"dev"}' })
      assert.equal(await codeOf(reply), 'CROSS_SITE_REFUSED', `${method} ${path} ${type}`)
    }
})

test('every route refuses a field, and a filter, that it does not know, by its name', async () => {
  for (const { method, path } of signedIn) {
    const json = method === 'GET' ? undefined : { approved: true }
    const reply = await plane.ask(`${filled(path)}${json ? '' : '?approved=true'}`, { method, token, json })
    const text = await reply.text()
    assert.equal(reply.status, 422, `${method} ${path}: ${text.slice(0, 200)}`)
    assert.match(text, /approved|Unrecognized key/, `${method} ${path}`)
  }
})

test('no route takes an object with fields beyond its own at any depth', async () => {
  const document = (await (await plane.ask('/api/openapi.json')).json()) as { paths: Record<string, object> }
  const bodies = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods).flatMap((one: { requestBody?: object }) =>
      one.requestBody ? [[path, one.requestBody]] : [],
    ),
  ) as [string, object][]

  assert.ok(bodies.length > 8)
  for (const [path, body] of bodies) assert.deepEqual(openObjects(body), [], path)
})

test('bad input to any route is the sender’s fault, and no answer shows what is inside', async () => {
  for (const { method, path } of signedIn)
    for (const bad of hostile) {
      const at = path.replaceAll(/:\w+/g, encodeURIComponent(bad))
      const json = method === 'GET' ? undefined : { name: bad, user: bad, to: bad, values: bad, repo: bad, head: bad }
      const query = method === 'GET' ? `?environment=${encodeURIComponent(bad)}&cursor=${encodeURIComponent(bad)}` : ''
      const reply = await plane.ask(`${at}${query}`, { method, token, json })
      const text = await reply.text()
      assert.ok(reply.status < 500, `${method} ${path} with ${JSON.stringify(bad)}: ${reply.status} ${text}`)
      if (reply.status >= 400) assert.doesNotMatch(text, inside, `${method} ${path} with ${JSON.stringify(bad)}`)
    }
})

test('a cursor that nobody gave out is the sender’s fault', async () => {
  for (const { id, path } of allRoutes.filter(({ method, query }) => method === 'GET' && query))
    for (const cursor of ["' or 1=1 --", '9999999999999999999999', '-1', '1,2,3', 'NaN', '\u0000']) {
      const reply = await plane.ask(`${filled(path)}?cursor=${encodeURIComponent(cursor)}`, { token })
      assert.ok(reply.status < 500, `${id} with ${cursor}: ${reply.status} ${await reply.text()}`)
    }
})

test('a stream of news ends within a minute of signing out, and the next request gets 401', async () => {
  const leaving = await plane.tokenOf('dev')
  const stream = await plane.ask('/api/v1/events', { token: leaving })
  let ended = false
  void stream.text().then(() => (ended = true))

  await plane.ask('/api/v1/sessions/current', { method: 'DELETE', token: leaving })

  assert.equal((await plane.ask('/api/v1/me', { token: leaving })).status, 401)
  await waitUntil(() => ended, { what: 'the stream to end', ms: 60_000 })
})

const hostile = [
  "'; drop table run; --",
  '../../etc/passwd',
  '\u0000',
  '${{ 7*7 }}',
  '%s%n',
  'x'.repeat(5_000),
  '__proto__',
]
const inside = /node_modules|\.ts:\d|\n\s+at \w|\b(select|insert into|update|delete from) "|\/tmp\/|fws_|postgres:\/\//i

function filled(path: string): string {
  return path.replaceAll(':number', '1').replaceAll(':traceId', 'a'.repeat(32)).replaceAll(/:\w+/g, 'shop')
}

function openObjects(schema: unknown, at = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { properties, additionalProperties } = schema as Record<string, unknown>
  const isOpen = properties !== undefined && additionalProperties !== false
  return [
    ...(isOpen ? [at] : []),
    ...Object.entries(schema).flatMap(([name, part]) => openObjects(part, `${at}/${name}`)),
  ]
}

async function codeOf(reply: Response): Promise<unknown> {
  return ((await reply.json()) as { code: unknown }).code
}
