import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, readlink, rm, symlink } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { startLocalGitHost, type StartedGitHost } from '../../../../testing/local-git-host.ts'
import { commitTree, resolve, updateRef } from '#lib/git/commits.ts'
import { pushRefs } from '#lib/git/remote.ts'
import { openWorkRepository } from '#lib/git/repository.ts'
import { type GitRepository, runGit } from '#lib/git/run-git.ts'
import { writeTree } from '#lib/git/trees.ts'
import { waitUntil } from '../../../../testing/wait-until.ts'

const repo = { owner: 'team-a', name: 'shop' }
const zeros = '0'.repeat(40)

async function shop(t: TestContext, more: Parameters<typeof startLocalGitHost>[1] = {}) {
  const started = await startLocalGitHost(t, more)
  await started.host.repositories.create({ repo, description: '', marker: 'm', teams: ['team-a'] })
  await started.host.repositories.protect(repo, { pushBy: 'team', teams: ['team-a'] })
  const parent = await mkdtemp(join(tmpdir(), 'fairway-routes-'))
  t.after(() => rm(parent, { recursive: true, force: true }))
  const work = await openWorkRepository(join(parent, 'work.git'))
  const first = await commit(work, 'one')
  await pushRefs(work, await started.host.remote(repo), [{ commit: first, to: 'refs/heads/main' }])
  return { ...started, work, first, parent }
}

async function commit(work: GitRepository, content: string | Uint8Array, ...parents: string[]): Promise<string> {
  const tree = await writeTree(work, [{ path: 'file', content }])
  return commitTree(work, {
    tree,
    parents,
    message: 'm',
    author: { name: 'x', email: 'x@y' },
    at: '2026-01-01T00:00:00Z',
  })
}

interface Asked {
  readonly method?: string
  readonly as?: string
  readonly password?: string
  readonly type?: string
  readonly encoding?: string
  readonly body?: Uint8Array | string
}

/** A raw request: paths are sent exactly as given, which fetch() would tidy up. */
function ask({ origin }: Pick<StartedGitHost, 'origin'>, path: string, asked: Asked = {}) {
  const { as = 'dev', password = 'secret', method = asked.body === undefined ? 'GET' : 'POST' } = asked
  const headers: Record<string, string> = {}
  if (as !== '') headers['authorization'] = `Basic ${Buffer.from(`${as}:${password}`).toString('base64')}`
  if (asked.type) headers['content-type'] = asked.type
  if (asked.encoding) headers['content-encoding'] = asked.encoding
  const { hostname, port } = new URL(origin)
  return new Promise<{ status: number; headers: IncomingMessage['headers']; text: string }>((done, fail) => {
    const sent = request({ hostname, port, path, method, headers }, async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
      done({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: Buffer.concat(chunks).toString('latin1'),
      })
    })
    sent.on('error', fail)
    sent.end(asked.body)
  })
}

function line(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text
}

const pushType = 'application/x-git-receive-pack-request'
const pushTo = '/git/team-a/shop.git/git-receive-pack'

test('without a valid credential the answer is 401 with a challenge, also for what does not exist', async (t) => {
  const at = await shop(t)
  const refs = (name: string) => `/git/team-a/${name}.git/info/refs?service=git-upload-pack`

  for (const name of ['shop', 'absent'])
    for (const who of [
      { as: '' },
      { as: 'dev', password: 'wrong' },
      { as: 'fairway', password: 'wrong' },
      { as: 'ghost' },
    ]) {
      const { status, headers } = await ask(at, refs(name), who)
      assert.equal(status, 401)
      assert.match(headers['www-authenticate'] ?? '', /^Basic realm=/)
    }
})

test('a repository of others looks exactly like one that does not exist', async (t) => {
  const at = await shop(t)
  const foreign = { owner: 'team-b', name: 'secret' }
  await at.host.repositories.create({ repo: foreign, description: '', marker: 'm', teams: [] })

  for (const service of ['git-upload-pack', 'git-receive-pack']) {
    const hidden = await ask(at, `/git/team-b/secret.git/info/refs?service=${service}`)
    const absent = await ask(at, `/git/team-b/absent.git/info/refs?service=${service}`)
    assert.deepEqual([hidden.status, hidden.text], [404, absent.text])
  }
})

test('who may read but not write is told so in words', async (t) => {
  const at = await shop(t)

  const read = await ask(at, '/git/team-a/shop.git/info/refs?service=git-upload-pack', { as: 'reader' })
  const write = await ask(at, '/git/team-a/shop.git/info/refs?service=git-receive-pack', { as: 'reader' })

  assert.equal(read.status, 200)
  assert.deepEqual([write.status, write.text.startsWith('NOT_ALLOWED: reader may read team-a/shop')], [403, true])
})

test('no path reaches outside the one repository, and nothing but the Git protocol is served', async (t) => {
  const at = await shop(t)
  await symlink(at.work.dir, join(at.folder, 'team-a', 'link.git'))
  const outside = [
    '/git/../../etc/passwd',
    '/git/team-a/../team-a/shop.git/config',
    '/git/team-a/..%2f..%2fetc/info/refs?service=git-upload-pack',
    '/git/%2e%2e/shop.git/info/refs?service=git-upload-pack',
    '/git/team-a/shop.git%00/info/refs?service=git-upload-pack',
    '/git/team-a/shop.git%0a/info/refs?service=git-upload-pack',
    '/git/team-a/--upload-pack=x.git/info/refs?service=git-upload-pack',
    '/git/.new/shop.git/info/refs?service=git-upload-pack',
    '/git/.archive/team-a/info/refs?service=git-upload-pack',
    '/git/team-a/link.git/info/refs?service=git-upload-pack',
    '/git/team-a/shop.git/info/refs',
    '/git/team-a/shop.git/info/refs?service=git-upload-archive',
    '/git/team-a/shop.git/info/refs?service=git-upload-pack%20--x',
    '/git/team-a/shop.git/HEAD',
    '/git/team-a/shop.git/config',
    '/git/team-a/shop.git/fairway.json',
    '/git/team-a/shop.git/objects/info/packs',
    '/git/team-a/shop.git/../shop.git/HEAD',
  ]

  for (const path of outside) assert.ok([400, 404].includes((await ask(at, path)).status), path)
  assert.equal((await ask(at, pushTo, { body: '0000', type: 'text/plain' })).status, 415)
})

test('the platform’s refs are taken from the platform only, tags are never moved, other places are refused', async (t) => {
  const at = await shop(t)
  const second = await commit(at.work, 'two', at.first)
  const platform = await at.host.remote(repo)
  await pushRefs(at.work, platform, [{ commit: at.first, to: 'refs/fairway/runs/r1' }])
  await pushRefs(at.work, platform, [{ commit: at.first, to: 'refs/tags/v1.0.0' }])
  const dev = at.remoteOf('dev', repo)
  const refused = { code: 'PUSH_REFUSED' }

  for (const to of ['refs/fairway/runs/r2', 'refs/changes/1/head', 'refs/notes/x', 'refs/heads/MAIN', 'refs/replace/x'])
    await assert.rejects(pushRefs(at.work, dev, [{ commit: second, to }]), refused, to)
  await assert.rejects(pushRefs(at.work, dev, [{ commit: second, to: 'refs/tags/v1.0.0', expect: at.first }]), refused)
  await assert.rejects(pushRefs(at.work, dev, [{ commit: undefined, to: 'refs/tags/v1.0.0' }]), refused)
  await assert.rejects(pushRefs(at.work, dev, [{ commit: undefined, to: 'refs/heads/main' }]), refused)
  const advertised = await ask(at, '/git/team-a/shop.git/info/refs?service=git-upload-pack')
  assert.ok(!advertised.text.includes('refs/fairway/'))
  assert.equal(await resolve({ dir: join(at.folder, 'team-a/shop.git') }, 'refs/tags/v1.0.0'), at.first)
})

test('a refused push changes none of its refs and says why with code and line', async (t) => {
  const at = await shop(t)
  await at.host.repositories.protect(repo, { pushBy: 'change', teams: [], refusal: 'use: fairway change open' })
  const second = await commit(at.work, 'two', at.first)

  const pushing = pushRefs(at.work, at.remoteOf('dev', repo), [
    { commit: second, to: 'refs/heads/topic' },
    { commit: second, to: 'refs/heads/main' },
  ])

  await assert.rejects(pushing, { code: 'PUSH_REFUSED', message: 'use: fairway change open' })
  assert.equal(await at.host.files.resolve(repo, 'topic'), undefined)
})

test('the host’s own log names who pushed, whatever the commits say', async (t) => {
  const at = await shop(t)
  const second = await commit(at.work, 'two', at.first)

  await pushRefs(at.work, at.remoteOf('dev', repo), [{ commit: second, to: 'refs/heads/main' }])

  const log = await readFile(join(at.folder, 'team-a/shop.git/logs/refs/heads/main'), 'utf8')
  assert.match(log.trim().split('\n').at(-1) ?? '', new RegExp(`^${at.first} ${second} dev <dev@`))
})

test('packing what has piled up loses nothing', async (t) => {
  const at = await shop(t)
  const second = await commit(at.work, 'two', at.first)
  await pushRefs(at.work, at.remoteOf('dev', repo), [{ commit: second, to: 'refs/heads/main' }])

  await at.host.tidy()

  assert.equal(await at.host.files.read(repo, 'main', 'file'), 'two')
  assert.equal(
    (await readdir(join(at.folder, 'team-a/shop.git/objects'))).filter((name) => name.length === 2).length,
    0,
  )
})

test('a forced push to main names the rule', async (t) => {
  const at = await shop(t)
  const rival = await commit(at.work, 'rival')

  const pushing = pushRefs(at.work, at.remoteOf('dev', repo), [
    { commit: rival, to: 'refs/heads/main', expect: at.first },
  ])

  await assert.rejects(pushing, { code: 'PUSH_REFUSED', message: /main only moves forward/ })
  const topic = [{ commit: at.first, to: 'refs/heads/topic' }]
  await pushRefs(at.work, at.remoteOf('dev', repo), topic)
  await pushRefs(at.work, at.remoteOf('dev', repo), [{ commit: rival, to: 'refs/heads/topic', expect: at.first }])
})

test('a push that our parser and Git could read differently is refused before Git sees it', async (t) => {
  const at = await shop(t)
  const command = `${at.first} ${zeros} refs/heads/main`
  const bodies = [
    `${line('push-cert\0 report-status\n')}${line(`${command}\n`)}${line('push-cert-end\n')}0000`,
    `${line('push-cert\n')}0000`,
    `0001${line(command)}0000`,
    `0004${line(command)}0000`,
    `00zz${command}`,
    `FFFF${command}`,
    `${line(`${zeros} ${at.first} refs/heads/a\0 report-status`)}${line(`${command}\0 x`)}0000`,
    `${line(`${zeros} ${at.first} refs/heads/a\0 x`)}${line(`${zeros} ${at.first} refs/heads/a`)}0000`,
    line(`${command}\0 report-status`),
    'garbage',
  ]

  for (const body of bodies)
    assert.equal((await ask(at, pushTo, { type: pushType, body })).status, 400, JSON.stringify(body))
  assert.equal(await at.host.files.resolve(repo, 'main'), at.first)
})

test('a compressed push is judged by the same rules', async (t) => {
  const at = await shop(t)
  const body = gzipSync(`${line(`${at.first} ${zeros} refs/heads/main\0 report-status side-band-64k delete-refs`)}0000`)

  const { status, text } = await ask(at, pushTo, { type: pushType, encoding: 'gzip', body })

  assert.equal(status, 200)
  assert.match(text, /PUSH_REFUSED: main is never deleted/)
  assert.equal(await at.host.files.resolve(repo, 'main'), at.first)
})

test('a push over the limit is refused and leaves nothing behind', async (t) => {
  const at = await shop(t, { maxPushBytes: 200_000 })
  const noise = crypto.getRandomValues(new Uint8Array(60_000))
  const large = await commit(
    at.work,
    Buffer.concat(Array.from({ length: 10 }, (_, index) => noise.map((byte) => byte ^ index))),
    at.first,
  )

  await assert.rejects(pushRefs(at.work, at.remoteOf('dev', repo), [{ commit: large, to: 'refs/heads/main' }]))

  assert.equal(await at.host.files.resolve(repo, 'main'), at.first)
  assert.equal((await ask(at, '/git/team-a/shop.git/info/refs?service=git-upload-pack')).status, 200)
  const bomb = gzipSync(line(`shallow ${at.first}`).repeat(10_000)) // small on the wire, 520 kB when unpacked
  assert.equal((await ask(at, pushTo, { type: pushType, encoding: 'gzip', body: bomb })).status, 413)
})

for (const service of ['upload', 'receive'])
  test(`when a client leaves in the middle of ${service}-pack, its processes end`, {
    skip: process.platform !== 'linux',
  }, async (t) => {
    const at = await shop(t)
    const { hostname, port } = new URL(at.origin)
    const authorization = `Basic ${Buffer.from('dev:secret').toString('base64')}`
    const headers = { authorization, 'content-type': `application/x-git-${service}-pack-request` }
    const path = `/git/team-a/shop.git/git-${service}-pack`
    const sent = request({ hostname, port, path, method: 'POST', headers })
    sent.on('error', () => {})
    const push = `${line(`${zeros} ${at.first} refs/heads/x\0 report-status`)}0000PACK`
    sent.write(service === 'receive' ? push : line(`want ${at.first}\n`))
    const running = async () => (await workingFolders()).some((folder) => folder.startsWith(join(at.folder, 'team-a')))
    await waitUntil(running, { what: `${service}-pack to start` })

    sent.destroy()

    await waitUntil(async () => !(await running()), { what: `${service}-pack to end`, ms: 5_000 })
  })

async function workingFolders(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  return Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')))
}

test('objects that would harm a checkout are refused', async (t) => {
  const at = await shop(t)
  const blob = (await runGit(at.work, ['hash-object', '-w', '--stdin'], { input: 'x' })).stdout.toString().trim()
  const made = await runGit(at.work, ['mktree', '-z'], { input: `100644 blob ${blob}\t.git\0` })
  const evil = await commitTree(at.work, {
    tree: made.stdout.toString().trim(),
    parents: [at.first],
    message: 'm',
    author: { name: 'x', email: 'x@y' },
    at: '2026-01-01T00:00:00Z',
  })
  await updateRef(at.work, { ref: 'refs/heads/evil', to: evil })

  await assert.rejects(pushRefs(at.work, at.remoteOf('dev', repo), [{ commit: evil, to: 'refs/heads/x' }]))

  assert.equal(await at.host.files.resolve(repo, 'x'), undefined)
})
