import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { badPaths, badRefs, badUrls } from '../../../testing/hostile-names.ts'
import { startLocalGitHost } from '../../../testing/local-git-host.ts'
import { commitTree, isAncestor, log, mergeBase, resolve, updateRef } from './commits.ts'
import { diffTrees } from './diff-trees.ts'
import { fetchRefs, pushRefs, remoteRefs } from './remote.ts'
import { openWorkRepository } from './repository.ts'
import { type GitRepository, runGit } from './run-git.ts'
import { listTree, readTree, replaceFolder, treeOf, writeTree } from './trees.ts'

const repo = { owner: 'team-a', name: 'shop' }

async function work(t: TestContext): Promise<GitRepository & { parent: string }> {
  const parent = await mkdtemp(join(tmpdir(), 'fairway-remote-'))
  t.after(() => rm(parent, { recursive: true, force: true }))
  return { ...(await openWorkRepository(join(parent, 'objects.git'))), parent }
}

async function commit(at: GitRepository, content: string, ...parents: string[]): Promise<string> {
  const tree = await writeTree(at, [{ path: 'file', content }])
  const author = { name: 'dev', email: 'dev@example.org' }
  return commitTree(at, { tree, parents, message: content, author, at: '2026-01-01T00:00:00Z' })
}

async function listen(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('what is pushed is fetched again, and a repeated push is a no-op', async (t) => {
  const [{ host }, here, there] = await Promise.all([startLocalGitHost(t), work(t), work(t)])
  await host.repositories.create({ repo, description: '', marker: 'm', teams: [] })
  const remote = await host.remote(repo)
  const first = await commit(here, 'one')

  await pushRefs(here, remote, [{ commit: first, to: 'refs/heads/main', expect: 'absent' }])
  await pushRefs(here, remote, [{ commit: first, to: 'refs/heads/main' }])
  const fetched = await fetchRefs(there, remote, [
    { from: 'refs/heads/main', to: 'refs/remote/main' },
    { from: 'refs/heads/absent', to: 'refs/remote/absent' },
  ])

  assert.deepEqual(fetched, [first, undefined])
  assert.deepEqual(await remoteRefs(here, remote, ['refs/heads/main']), new Map([['refs/heads/main', first]]))
  assert.equal((await readTree(there, 'refs/remote/main'))[0]?.content, 'one')
})

test('a push from a stale value is a CONFLICT and changes nothing', async (t) => {
  const [{ host }, here] = await Promise.all([startLocalGitHost(t), work(t)])
  await host.repositories.create({ repo, description: '', marker: 'm', teams: [] })
  const remote = await host.remote(repo)
  const first = await commit(here, 'one')
  const second = await commit(here, 'two', first)
  const rival = await commit(here, 'rival', first)
  await pushRefs(here, remote, [{ commit: second, to: 'refs/heads/main' }])

  const conflict = { code: 'CONFLICT' }
  await assert.rejects(pushRefs(here, remote, [{ commit: rival, to: 'refs/heads/main' }]), conflict)
  await assert.rejects(pushRefs(here, remote, [{ commit: rival, to: 'refs/heads/main', expect: first }]), conflict)
  await assert.rejects(pushRefs(here, remote, [{ commit: rival, to: 'refs/heads/main', expect: 'absent' }]), conflict)
  assert.equal(await host.files.resolve(repo, 'main'), second)
})

test('each failure of a remote has its own code, and no message holds the password', async (t) => {
  const [{ host, origin }, here] = await Promise.all([startLocalGitHost(t), work(t)])
  await host.repositories.create({ repo, description: '', marker: 'm', teams: [] })
  const remote = await host.remote(repo)
  const broken = await listen(t, (_request, response) => void response.writeHead(503).end())
  const want = [{ from: 'refs/heads/main', to: 'refs/x' }]
  const codeFor = async (changes: Partial<typeof remote>) =>
    fetchRefs(here, { ...remote, ...changes }, want).then(
      () => 'none',
      (error: { code: string; message: string }) => {
        assert.ok(!error.message.includes(changes.password ?? remote.password), error.message)
        return error.code
      },
    )

  assert.equal(await codeFor({ password: 'wrong-password' }), 'GIT_HOST_UNAUTHORIZED')
  assert.equal(await codeFor({ url: `${origin}/git/team-a/absent.git` }), 'REPOSITORY_UNKNOWN')
  assert.equal(await codeFor({ url: `${broken}/a.git` }), 'GIT_HOST_UNAVAILABLE')
  assert.equal(await codeFor({ url: 'http://127.0.0.1:1/a.git' }), 'GIT_HOST_UNAVAILABLE')
})

test('the credential goes to the named host only: a redirect is not followed', async (t) => {
  const here = await work(t)
  const heard: IncomingHttpHeaders[] = []
  const thief = await listen(t, (request, response) => {
    heard.push(request.headers)
    response.writeHead(404).end()
  })
  const seen: (string | undefined)[] = []
  const redirecting = await listen(t, (request, response) => {
    seen.push(request.headers.authorization)
    response.writeHead(302, { location: thief + request.url }).end()
  })
  const remote = { url: `${redirecting}/a/b.git`, username: 'fairway', password: 'canary', loopback: true }

  await assert.rejects(fetchRefs(here, remote, [{ from: 'refs/heads/main', to: 'refs/x' }]))

  assert.ok(seen.length > 0 && seen.every((header) => header?.startsWith('Basic ')))
  assert.deepEqual(heard, [])
})

test('no hostile name starts a program or writes a file, whichever function gets it', async (t) => {
  const here = await work(t)
  const tree = await writeTree(here, [{ path: 'file', content: 'x' }])
  const known = await commit(here, 'one')
  const before = await readdir(process.cwd())
  const remote = { username: 'u', password: 'p', loopback: true }
  const hostile = (text: string) => text.replaceAll('MARK', join(here.parent, 'marker'))
  const attempts = [
    ...badRefs
      .map(hostile)
      .flatMap((ref) => [
        () => resolve(here, ref),
        () => log(here, { ref, limit: 1 }),
        () => listTree(here, ref),
        () => treeOf(here, ref),
        () => diffTrees(here, { from: ref, to: known }),
        () => mergeBase(here, ref, known),
        () => isAncestor(here, ref, known),
        () => updateRef(here, { ref, to: known }),
        () => updateRef(here, { ref: `refs/heads/${ref}`, to: known }),
        () => fetchRefs(here, { ...remote, url: 'http://127.0.0.1:1/a.git' }, [{ from: ref, to: 'refs/x' }]),
        () => pushRefs(here, { ...remote, url: 'http://127.0.0.1:1/a.git' }, [{ commit: known, to: ref }]),
        () => pushRefs(here, { ...remote, url: 'http://127.0.0.1:1/a.git' }, [{ commit: ref, to: 'refs/heads/x' }]),
      ]),
    ...badPaths
      .filter(Boolean)
      .map(hostile)
      .flatMap((path) => [
        () => writeTree(here, [{ path, content: 'x' }]),
        () => replaceFolder(here, { baseTree: tree, path, tree }),
        () => treeOf(here, known, path),
        () => readTree(here, known, path),
      ]),
    ...badUrls
      .map(hostile)
      .map((url) => () => fetchRefs(here, { ...remote, url }, [{ from: 'refs/heads/x', to: 'refs/x' }])),
  ]

  for (const attempt of attempts) await assert.rejects(attempt, { code: 'GIT_REF_INVALID' })

  assert.ok(!existsSync(join(here.parent, 'marker')))
  assert.deepEqual(await readdir(process.cwd()), before)
})

test('even past the name checks, Git takes hostile text for a name and runs nothing', async (t) => {
  const here = await work(t)
  const marker = join(here.parent, 'marker')
  const commands = ['fetch', 'ls-remote'].flatMap((command) =>
    [
      `--upload-pack=touch ${marker}`,
      `ext::touch ${marker}`,
      `-cprotocol.ext.allow=always`,
      here.dir,
      `file://${here.dir}`,
    ].map((text) => [command, '--end-of-options', text]),
  )

  for (const args of commands)
    assert.notEqual((await runGit(here, args, { accept: [1, 128, 129] })).code, 0, args.join(' '))

  assert.ok(!existsSync(marker))
})

test('a repository’s own settings and hooks start nothing', async (t) => {
  const here = await work(t)
  const marker = join(here.parent, 'marker')
  const script = join(here.parent, 'evil')
  await writeFile(script, `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 })
  for (const key of [
    'core.fsmonitor',
    'core.sshCommand',
    'diff.external',
    'credential.helper',
    'core.askPass',
    'core.pager',
  ])
    await runGit(here, ['config', key, script])
  await runGit(here, ['config', 'core.hooksPath', here.parent])
  for (const hook of ['reference-transaction', 'pre-push', 'post-update'])
    await writeFile(join(here.parent, hook), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 })

  const first = await commit(here, 'one')
  const second = await commit(here, 'two', first)
  await updateRef(here, { ref: 'refs/heads/main', to: second })
  await diffTrees(here, { from: first, to: second })
  await assert.rejects(
    pushRefs(here, { url: 'http://127.0.0.1:1/a.git', username: '', password: '', loopback: true }, [
      { commit: first, to: 'refs/heads/x' },
    ]),
  )

  assert.ok(!existsSync(marker))
})

test('neither the arguments nor the address of a child hold the credential', async (t) => {
  const here = await work(t)
  const argv: string[] = []
  const slow = await listen(t, async (_request, response) => {
    argv.push(...(await commandLines()))
    response.writeHead(404).end()
  })

  await assert.rejects(
    fetchRefs(here, { url: `${slow}/a.git`, username: 'fairway', password: 'canary-9f', loopback: true }, [
      { from: 'refs/heads/main', to: 'refs/x' },
    ]),
  )

  assert.ok(argv.some((line) => line.includes('git') && line.includes(slow)))
  assert.ok(argv.every((line) => !line.includes('canary-9f')))
})

async function commandLines(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  return Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
}
