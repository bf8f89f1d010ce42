import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startTestControlPlane } from '../../testing/control-plane.ts'

const plane = await startTestControlPlane({ after })
const name = `fairway_session_${plane.port}`

test('a browser gets its session as a cookie that no script, no other site and no other platform reads', async () => {
  const reply = await plane.ask('/api/v1/sessions', { json: { user: 'dev', key: plane.key, carrier: 'cookie' } })
  const cookie = reply.headers.get('set-cookie') ?? ''
  const text = await reply.text()

  assert.equal(reply.status, 201)
  assert.match(cookie, new RegExp(`^${name}=fws_[\\w-]{43}; `))
  for (const part of ['HttpOnly', 'SameSite=Strict', 'Path=/', 'Expires=']) assert.ok(cookie.includes(part), part)
  assert.doesNotMatch(cookie, /Domain=/)
  assert.doesNotMatch(text, /token|fws_/)
})

test('a cookie opens the API until it is signed out, and no other carrier of it does', async () => {
  const cookie = await cookieOf('dev')
  const value = cookie.slice(cookie.indexOf('=') + 1)

  const before = await plane.ask('/api/v1/me', { headers: { cookie } })
  assert.equal(((await before.json()) as { person: { name: string } }).person.name, 'dev')
  assert.equal((await plane.ask('/api/v1/me', { token: value })).status, 401)

  const out = await plane.ask('/api/v1/sessions/current', { method: 'DELETE', headers: { cookie } })
  assert.equal(out.status, 200)
  assert.match(out.headers.get('set-cookie') ?? '', new RegExp(`^${name}=; .*(Max-Age=0|Expires=Thu, 01 Jan 1970)`))
  assert.equal((await plane.ask('/api/v1/me', { headers: { cookie } })).status, 401)
})

test('the command line gets its token in the answer and no cookie', async () => {
  const reply = await plane.ask('/api/v1/sessions', { json: { user: 'dev', key: plane.key, carrier: 'token' } })
  const { token } = (await reply.json()) as { token: string }

  assert.equal(reply.headers.get('set-cookie'), null)
  assert.equal((await plane.ask('/api/v1/me', { token })).status, 200)
})

test('switching the person keeps the session and changes who it stands for', async () => {
  const cookie = await cookieOf('dev')

  const reply = await plane.ask('/api/v1/sessions/current/person', { headers: { cookie }, json: { user: 'sec' } })
  const me = await plane.ask('/api/v1/me', { headers: { cookie } })

  assert.equal(reply.status, 200)
  assert.equal(((await me.json()) as { person: { name: string } }).person.name, 'sec')
})

test('a one-time link works once', async () => {
  const key = new URL(plane.oneTimeLink).hash.slice(1)
  const signIn = () => plane.ask('/api/v1/sessions', { json: { user: 'dev', key, carrier: 'cookie' } })

  assert.equal((await signIn()).status, 201)
  assert.equal((await signIn()).status, 401)
})

test('a wrong key and an unknown person are refused in the same words', async () => {
  const wrongKey = await plane.ask('/api/v1/sessions', { json: { user: 'dev', key: 'wrong-wrong', carrier: 'cookie' } })
  const nobody = await plane.ask('/api/v1/sessions', { json: { user: 'nobody', key: plane.key, carrier: 'cookie' } })

  const [one, other] = (await Promise.all([wrongKey.json(), nobody.json()])) as { requestId: string }[]
  assert.deepEqual([wrongKey.status, nobody.status], [401, 401])
  assert.deepEqual({ ...one, requestId: '' }, { ...other, requestId: '' })
  assert.equal(wrongKey.headers.get('set-cookie'), null)
})

test('who guesses keys of one person is stopped, and others still come in', async () => {
  const guess = () =>
    plane.ask('/api/v1/sessions', { json: { user: 'auditor', key: 'wrong-wrong', carrier: 'cookie' } })
  for (let at = 0; at < 10; at += 1) assert.equal((await guess()).status, 401)

  const stopped = await guess()

  assert.equal(stopped.status, 429)
  assert.equal(stopped.headers.get('retry-after'), '60')
  assert.match(await plane.tokenOf('dev2'), /^fws_/)
})

test('who guesses from one address is stopped, whatever name it says and whatever header it sends', async () => {
  const guess = (at: number) =>
    plane.ask('/api/v1/sessions', {
      json: { user: `nobody-${at}`, key: 'wrong-wrong', carrier: 'cookie' },
      headers: { 'x-forwarded-for': `10.0.0.${at}`, forwarded: `for=10.0.0.${at}` },
    })
  let tries = 0
  while ((await guess(tries)).status === 401 && tries < 200) tries += 1

  assert.ok(tries <= 100, `${tries} guesses`)
  const right = await plane.ask('/api/v1/sessions', { json: { user: 'dev', key: plane.key, carrier: 'cookie' } })
  assert.equal(right.status, 429)
  await plane.db.deleteFrom('sign_in_attempt').execute()
})

test('the stream of news is closed to strangers', async () => {
  const reply = await plane.ask('/api/v1/events')

  assert.equal(reply.status, 401)
  assert.match(reply.headers.get('content-type') ?? '', /^application\/problem\+json/)
})

async function cookieOf(user: string): Promise<string> {
  const reply = await plane.ask('/api/v1/sessions', { json: { user, key: plane.key, carrier: 'cookie' } })
  return (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}
