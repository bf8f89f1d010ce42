import assert from 'node:assert/strict'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startTestControlPlane } from '../../testing/control-plane.ts'
import { secretFile } from './secrets-file.ts'

const plane = await startTestControlPlane({ after })
const agentKey = await secretFile(plane.dataFolder, 'agent-git-key')
const platform = 'fairway/platform'
const delivery = 'fairway/delivery'

/** What the host says to a git client that wants to fetch or push. */
async function ask(who: { user: string; password: string }, repo: string, act: 'fetch' | 'push'): Promise<number> {
  const service = act === 'fetch' ? 'git-upload-pack' : 'git-receive-pack'
  const authorization = `Basic ${Buffer.from(`${who.user}:${who.password}`).toString('base64')}`
  return (await plane.ask(`/git/${repo}.git/info/refs?service=${service}`, { headers: { authorization } })).status
}

const as = async (user: string) => ({ user, password: await plane.tokenOf(user) })

test('everybody signed in reads; nobody else does', async () => {
  for (const user of ['dev', 'dev3', 'auditor', 'sec', 'platform'])
    assert.equal(await ask(await as(user), platform, 'fetch'), 200, user)
  assert.equal(await ask({ user: 'dev', password: 'wrong' }, platform, 'fetch'), 401)
})

test('only platform and security engineers push to the platform repository, and auditors push nowhere', async () => {
  for (const user of ['platform', 'sec']) assert.equal(await ask(await as(user), platform, 'push'), 200, user)
  for (const user of ['dev', 'auditor']) assert.equal(await ask(await as(user), platform, 'push'), 403, user)
  assert.equal(await ask(await as('sec'), delivery, 'push'), 403)
})

test('the agent fetches the delivery repository and nothing else', async () => {
  const agent = { user: 'agent', password: agentKey }

  assert.equal(await ask(agent, delivery, 'fetch'), 200)
  assert.notEqual(await ask(agent, delivery, 'push'), 200)
  assert.notEqual(await ask(agent, platform, 'fetch'), 200)
  assert.equal(await ask({ user: 'agent', password: await plane.tokenOf('platform') }, delivery, 'fetch'), 401)
})

test('a browser’s cookie token is no password for Git', async () => {
  const reply = await plane.ask('/api/v1/sessions', { json: { user: 'dev', key: plane.key, carrier: 'cookie' } })
  const password = /=(fws_[^;]+)/.exec(reply.headers.get('set-cookie') ?? '')?.[1] ?? ''

  assert.equal(await ask({ user: 'dev', password }, platform, 'fetch'), 401)
})

test('secrets lie in files that only we read, and stay the same', async (t) => {
  for (const name of ['login-key', 'otlp-secret', 'agent-git-key', 'agent-source.json'])
    assert.equal((await stat(join(plane.dataFolder, name))).mode & 0o777, 0o600, name)
  const folder = await mkdtemp(join(tmpdir(), 'fairway-secrets-'))
  t.after(() => rm(folder, { recursive: true, force: true }))

  const all = await Promise.all(Array.from({ length: 8 }, () => secretFile(folder, 'one')))

  assert.equal(new Set(all).size, 1)
  assert.match(all[0] ?? '', /^[\w-]{43}$/)
})

test('the portal answers deep links, never addresses of the API, of Git or of signals', async () => {
  const portal = await plane.ask('/catalog/component/default/shop')
  for (const path of ['/api', '/api/', '/api/v2/x', '/git', '/git/x', '/otlp', '/otlp/v1/nothing']) {
    const reply = await plane.ask(path)
    assert.doesNotMatch(reply.headers.get('content-type') ?? '', /html/, path)
    assert.ok(reply.status >= 400, path)
  }
  if (portal.status === 200) assert.match(await portal.text(), /<div id="/)
  else assert.equal(portal.status, 404, 'without a built portal there is nothing to show')
})

test('the platform repository is what the product ships, made once', async () => {
  const { stdout } = await new Promise<{ stdout: string }>((resolve, reject) => {
    const repo = join(plane.dataFolder, 'git', 'fairway', 'platform.git')
    execFile('git', ['-C', repo, 'rev-list', '--count', 'main'], (error, out) =>
      error ? reject(error) : resolve({ stdout: out }),
    )
  })
  assert.equal(stdout.trim(), '1')
})
