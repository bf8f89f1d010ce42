import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import type { RepoRef } from '#model/names.ts'
import type { GitHost, GitHostEvent, GitRemote } from './git-host.ts'

/** One host under test. Each test makes its own; repositories may be shared with others, so names are unique. */
export interface GitHostUnderTest {
  readonly host: GitHost
  /** Owner (organisation or team) under which repositories are made. */
  readonly owner: string
  /** The team whose members `userRemote` knows: dev and dev2 are in it, outsider is not but may write. */
  readonly team: string
  /** How a person reaches a repository with plain git. */
  userRemote(person: 'dev' | 'dev2' | 'outsider', repo: RepoRef): GitRemote
}

/** What every Git host promises, asked through the port and with a real git client only. */
export function describeGitHost(name: string, make: (t: TestContext) => Promise<GitHostUnderTest>): void {
  const promise: Promised = (title, body) =>
    test(title, async (context) => {
      const t = context as TestContext
      return body(t, await place(t, await make(t)))
    })
  describe(`Git host ${name}`, { concurrency: 3 }, () => {
    repositoryPromises(promise)
    filePromises(promise)
    changePromises(promise)
    mergePromises(promise)
    protectionPromises(promise)
  })
}

type Promised = (title: string, body: (t: TestContext, at: Place) => Promise<void>) => void

function repositoryPromises(promise: Promised): void {
  promise('a repository is created once, adopted by the same marker and refused to another', async (_t, at) => {
    const request = { repo: at.repo, description: 'a shop', marker: 'run-1', teams: [at.team] }

    const [created, again] = [await at.host.repositories.create(request), await at.host.repositories.create(request)]

    assert.deepEqual(again, created)
    assert.deepEqual([created.defaultBranch, created.marker, created.archived], ['main', 'run-1', false])
    await assert.rejects(at.host.repositories.create({ ...request, marker: 'run-2' }), { code: 'NAME_TAKEN' })
    assert.deepEqual(await at.host.repositories.find(at.repo), created)
    assert.ok((await at.host.repositories.list()).some(({ repo }) => repo.name === at.repo.name))
  })

  promise('of two that create the same name at once one wins', async (_t, at) => {
    const create = (marker: string) =>
      at.host.repositories.create({ repo: at.repo, description: '', marker, teams: [at.team] })

    const results = await Promise.allSettled([create('one'), create('two')])

    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
    const refusal = results.find((result) => result.status === 'rejected')
    assert.equal(refusal?.reason.code, 'NAME_TAKEN')
  })

  promise('an archived repository is gone, its name is free, and archiving again changes nothing', async (_t, at) => {
    await at.create()
    await at.push({ file: 'text' })

    await at.host.repositories.archive(at.repo, 'the run was undone')
    await at.host.repositories.archive(at.repo, 'again')

    assert.equal(await at.host.repositories.find(at.repo), undefined)
    const fresh = await at.host.repositories.create({ repo: at.repo, description: '', marker: 'other', teams: [] })
    assert.equal(fresh.marker, 'other')
    assert.equal(await at.host.files.resolve(at.repo, 'main'), undefined)
  })

  promise('the address for people holds no credential', async (_t, at) => {
    const { username, password } = await at.host.remote(at.repo)

    const url = new URL(at.host.cloneUrl(at.repo))

    assert.deepEqual([url.username, url.password], ['', ''])
    assert.ok(username !== '' && !url.href.includes(password))
  })
}

function filePromises(promise: Promised): void {
  promise('files are read by branch, full ref and commit; what is absent is undefined or empty', async (_t, at) => {
    await at.create()
    const first = await at.push({ 'a.txt': 'one', 'src/b.txt': 'two' })
    const second = await at.push({ 'a.txt': 'changed' })
    const { files } = at.host

    assert.equal(await files.read(at.repo, 'main', 'a.txt'), 'changed')
    assert.equal(await files.read(at.repo, 'refs/heads/main', 'a.txt'), 'changed')
    assert.equal(await files.read(at.repo, first, 'a.txt'), 'one')
    assert.equal(await files.read(at.repo, 'main', 'absent'), undefined)
    assert.equal(await files.read(at.repo, 'absent', 'a.txt'), undefined)
    assert.deepEqual(await files.list(at.repo, 'main'), ['a.txt', 'src/b.txt'])
    assert.deepEqual(await files.list(at.repo, 'main', 'src'), ['src/b.txt'])
    assert.deepEqual(await files.list(at.repo, 'absent'), [])
    assert.deepEqual(
      [await files.resolve(at.repo, 'main'), await files.resolve(at.repo, 'absent')],
      [second, undefined],
    )
  })

  promise('history is newest first, filtered by path, range and number, with trailers', async (_t, at) => {
    await at.create()
    const first = await at.push({ a: '1' }, { message: 'First' })
    const second = await at.push({ b: '1' }, { message: 'Second\n\nWhy.\n\nRun-Id: r1\nApproved-by: dev2' })

    const all = await at.host.files.history(at.repo, { ref: 'main', limit: 10 })

    assert.deepEqual(
      all.map(({ commit }) => commit),
      [second, first],
    )
    assert.equal(all[0]?.subject, 'Second')
    assert.deepEqual(all[0]?.trailers, [['Run-Id', 'r1'], ['Approved-by', 'dev2']]) // biome-ignore format: one thought
    assert.deepEqual(all[0]?.parents, [first])
    const of = async (query: { path?: string; since?: string; limit?: number }) =>
      (await at.host.files.history(at.repo, { ref: 'main', limit: 10, ...query })).map(({ commit }) => commit)
    assert.deepEqual(await of({ path: 'a' }), [first])
    assert.deepEqual(await of({ since: first }), [second])
    assert.deepEqual(await of({ limit: 1 }), [second])
    assert.deepEqual(await at.host.files.history(at.repo, { ref: 'absent', limit: 1 }), [])
  })

  promise('a difference has both sides of every changed file', async (_t, at) => {
    await at.create()
    const from = await at.push({ kept: 'k', old: 'o\n', text: 'a\n' })
    const to = await at.push({ old: undefined, text: 'b\n', 'new/file': 'n\n' })

    const changes = await at.host.files.diff(at.repo, { from, to })

    assert.deepEqual(changes, [
      { path: 'new/file', status: 'added', after: 'n\n', additions: 1, deletions: 0 },
      { path: 'old', status: 'deleted', before: 'o\n', additions: 0, deletions: 1 },
      { path: 'text', status: 'modified', before: 'a\n', after: 'b\n', additions: 1, deletions: 1 },
    ])
    assert.deepEqual((await at.host.files.diff(at.repo, { from, to, path: 'new' })).length, 1)
  })

  promise('a folder keeps its tree id while its content stays the same', async (_t, at) => {
    await at.create()
    const first = await at.push({ 'one/a': '1', 'two/a': '1' })
    const second = await at.push({ 'two/a': '2' })
    const tree = (commit: string, path: string) => at.host.files.tree(at.repo, commit, path)

    assert.equal(await tree(first, 'one'), await tree(second, 'one'))
    assert.notEqual(await tree(first, 'two'), await tree(second, 'two'))
    assert.notEqual(await tree(first, ''), await tree(second, ''))
    assert.equal(await tree(first, 'absent'), undefined)
  })
}

function changePromises(promise: Promised): void {
  promise('the same key opens one change request, also when asked at once', async (_t, at) => {
    const { propose, base, head } = await at.branch({ file: 'new' })

    const [first, twin] = await Promise.all([propose('run-1'), propose('run-1')])
    const again = await propose('run-1')

    assert.equal(first.number, twin.number)
    assert.equal(again.number, first.number)
    assert.deepEqual([first.state, first.baseCommit, first.headCommit], ['open', base, head])
    assert.equal((await at.host.changes.find(at.repo, first.number))?.title, first.title)
    assert.equal((await at.host.changes.findByHead(at.repo, first.head))?.number, first.number)
    assert.equal((await at.host.changes.list({ repo: at.repo, limit: 10 })).length, 1)
    assert.equal(await at.host.changes.find(at.repo, first.number + 1000), undefined)
    assert.equal(await at.host.changes.findByHead(at.repo, 'absent'), undefined)
  })

  promise('a branch that was never pushed cannot be proposed', async (_t, at) => {
    await at.create()
    await at.push({ file: 'old' })

    const proposing = at.propose({ key: 'k', head: 'absent' })

    await assert.rejects(proposing, { code: 'GIT_REF_INVALID' })
  })

  promise('a decision is recorded; the newer one of the same person on the same tree replaces it', async (_t, at) => {
    const { propose, head } = await at.branch({ file: 'new' })
    const { number } = await propose('run-1')
    const tree = (await at.host.files.tree(at.repo, head, '')) ?? ''
    const said = { tree, comment: '', valid: true, at: '2026-01-01T00:00:00.000Z' }

    await at.host.changes.review(at.repo, number, { ...said, by: 'dev2', decision: 'reject' })
    await at.host.changes.review(at.repo, number, { ...said, by: 'platform', decision: 'approve' })
    const change = await at.host.changes.review(at.repo, number, { ...said, by: 'dev2', decision: 'approve' })

    const decisions = change.approvals.map(({ by, decision }) => `${by} ${decision}`).sort()
    assert.deepEqual(decisions, ['dev2 approve', 'platform approve'])
    assert.deepEqual((await at.host.changes.find(at.repo, number))?.approvals.length, 2)
  })

  promise('a check shows on the change request of its commit and is replaced by name', async (_t, at) => {
    const { propose, head } = await at.branch({ file: 'new' })
    const check = { name: 'policy', summary: '', at: '2026-01-01T00:00:00.000Z' }

    await at.host.changes.check(at.repo, head, { ...check, state: 'pending' })
    const { number } = await propose('run-1')
    await at.host.changes.check(at.repo, head, { ...check, state: 'success', summary: '8 rules' })

    const checks = (await at.host.changes.find(at.repo, number))?.checks ?? []
    assert.deepEqual(
      checks.map(({ name, state, summary }) => [name, state, summary]),
      [['policy', 'success', '8 rules']],
    )
  })

  promise('new commits on the head branch move the change request along', async (_t, at) => {
    const { propose, branch } = await at.branch({ file: 'new' })
    const { number } = await propose('run-1')

    const newer = await at.push({ file: 'newer' }, { branch })

    assert.equal((await at.host.changes.find(at.repo, number))?.headCommit, newer)
    const [listed] = await at.host.changes.list({ repo: at.repo, state: 'open', limit: 1 })
    assert.equal(listed?.headCommit, newer)
  })

  promise('closing twice is closing once, and a closed one is not merged', async (_t, at) => {
    const { propose, head } = await at.branch({ file: 'new' })
    const { number } = await propose('run-1')

    await at.host.changes.close(at.repo, number, 'not needed')
    await at.host.changes.close(at.repo, number, 'again')

    assert.equal((await at.host.changes.find(at.repo, number))?.state, 'closed')
    await assert.rejects(at.merge(number, head), { code: 'CHANGE_CLOSED' })
    assert.equal((await propose('run-1')).state, 'closed')
  })

  promise('a head branch whose change request has ended may be proposed again under another key', async (_t, at) => {
    const { propose } = await at.branch({ file: 'new' })
    const first = await propose('run-1')
    await at.host.changes.close(at.repo, first.number, 'not needed')

    const second = await propose('run-2')

    assert.notEqual(second.number, first.number)
    assert.equal((await at.host.changes.findByHead(at.repo, first.head))?.number, second.number)
  })
}

function mergePromises(promise: Promised): void {
  promise(
    'a merge is one commit on the base with the given message, and repeating it gives the same one',
    async (_t, at) => {
      const { propose, base, head } = await at.branch({ file: 'new' })
      await at.push({ other: 'meanwhile' })
      const { number } = await propose('run-1')

      const merged = await at.merge(number, head, 'Deploy shop\n\nChange-Id: x#1\nRequested-by: dev')
      const again = await at.merge(number, head, 'Another message')

      assert.deepEqual([merged.state, again.mergeCommit], ['merged', merged.mergeCommit])
      assert.equal(await at.host.files.resolve(at.repo, 'main'), merged.mergeCommit)
      const [commit, before, oldest] = await at.host.files.history(at.repo, { ref: 'main', limit: 10 })
      assert.equal(oldest?.commit, base)
      assert.deepEqual([commit?.subject, commit?.parents], ['Deploy shop', [before?.commit]])
      assert.deepEqual(commit?.trailers, [['Change-Id', 'x#1'], ['Requested-by', 'dev']]) // biome-ignore format: one thought
      assert.equal(commit?.author, 'dev')
      assert.equal(await at.host.files.read(at.repo, 'main', 'file'), 'new')
      assert.equal(await at.host.files.read(at.repo, 'main', 'other'), 'meanwhile')
      assert.deepEqual([merged.mergedBy, typeof merged.mergedAt], ['fairway', 'string'])
    },
  )

  promise('a merge is refused when the head is not the one that was looked at', async (_t, at) => {
    const { propose, branch, head } = await at.branch({ file: 'new' })
    const { number } = await propose('run-1')
    await at.push({ file: 'newer' }, { branch })

    await assert.rejects(at.merge(number, head), { code: 'CONFLICT' })
    assert.equal((await at.host.changes.find(at.repo, number))?.state, 'open')
  })

  promise('a merge that no longer applies names the paths and changes nothing', async (_t, at) => {
    const { propose, head } = await at.branch({ file: 'theirs' })
    const { number } = await propose('run-1')
    const main = await at.push({ file: 'ours' })

    const merging = at.merge(number, head)

    await assert.rejects(merging, (error: { code: string; message: string }) => {
      assert.equal(error.code, 'MERGE_CONFLICT')
      assert.match(error.message, /file/)
      return true
    })
    assert.equal(await at.host.files.resolve(at.repo, 'main'), main)
    assert.equal((await at.host.changes.find(at.repo, number))?.state, 'open')
  })

  promise('of two merges at once both land and no change is lost', async (_t, at) => {
    const one = await at.branch({ one: '1' }, 'first')
    const two = await at.branch({ two: '2' }, 'second')
    const numbers = [(await one.propose('k1')).number, (await two.propose('k2')).number]

    await Promise.all([at.merge(numbers[0] ?? 0, one.head), at.merge(numbers[1] ?? 0, two.head)])

    const files = await at.host.files.list(at.repo, 'main')
    assert.deepEqual(
      files.filter((path) => path !== 'file'),
      ['one', 'two'],
    )
  })
}

function protectionPromises(promise: Promised): void {
  promise('nobody rewrites or deletes the default branch, not even the platform', async (t, at) => {
    await at.create()
    const main = await at.push({ file: '1' })
    await at.host.repositories.protect(at.repo, { pushBy: 'team', teams: [at.team] })
    const dev = await checkout(t, at.userRemote('dev', at.repo))
    const platform = await checkout(t, await at.host.remote(at.repo))

    for (const clone of [dev, platform]) {
      await clone.commit({ file: 'rewritten' }, { amend: true })
      assert.notEqual((await clone.git('push', '--force', 'origin', 'HEAD:refs/heads/main')).code, 0)
      assert.notEqual((await clone.git('push', 'origin', ':refs/heads/main')).code, 0)
    }
    assert.equal(await at.host.files.resolve(at.repo, 'main'), main)
  })

  promise('members of the owning team push; others are told why not', async (t, at) => {
    await at.create()
    await at.push({ file: '1' })
    await at.host.repositories.protect(at.repo, { pushBy: 'team', teams: [at.team] })
    const dev = await checkout(t, at.userRemote('dev', at.repo))
    const outsider = await checkout(t, at.userRemote('outsider', at.repo))
    const before = await at.host.files.resolve(at.repo, 'main')
    await outsider.commit({ file: 'outside' })

    const refused = await outsider.git('push', 'origin', 'HEAD:refs/heads/main')
    const commit = await dev.commit({ file: '2' })
    const taken = await dev.git('push', 'origin', 'HEAD:refs/heads/main')

    assert.notEqual(refused.code, 0)
    assert.match(refused.output, /remote: /)
    assert.notEqual(before, commit)
    assert.equal(taken.code, 0, taken.output)
    assert.equal(await at.host.files.resolve(at.repo, 'main'), commit)
  })

  promise('where only change requests are taken, a push is refused with the line to use instead', async (t, at) => {
    await at.create()
    const main = await at.push({ file: '1' })
    await at.host.repositories.protect(at.repo, {
      pushBy: 'change',
      teams: [at.team],
      refusal: 'use: fairway change open',
    })
    const dev = await checkout(t, at.userRemote('dev', at.repo))
    const commit = await dev.commit({ file: '2' })

    const refused = await dev.git('push', 'origin', 'HEAD:refs/heads/main')
    const branched = await dev.git('push', 'origin', 'HEAD:refs/heads/topic')
    const change = await at.propose({ key: 'dev-topic', head: 'topic' })
    const merged = await at.merge(change.number, commit)

    assert.notEqual(refused.code, 0)
    assert.match(refused.output, /use: fairway change open/)
    assert.equal(branched.code, 0, branched.output)
    assert.notEqual(merged.mergeCommit, main)
    assert.equal(await at.host.files.read(at.repo, 'main', 'file'), '2')
  })

  promise('where only the platform writes, a person is refused and the platform is not', async (t, at) => {
    await at.create()
    await at.push({ file: '1' })
    await at.host.repositories.protect(at.repo, { pushBy: 'platform', teams: [] })
    const dev = await checkout(t, at.userRemote('dev', at.repo))
    await dev.commit({ file: 'direct' })

    const refused = await dev.git('push', 'origin', 'HEAD:refs/heads/main')
    const pushed = await at.push({ file: '2' })

    assert.notEqual(refused.code, 0)
    assert.equal(await at.host.files.resolve(at.repo, 'main'), pushed)
  })

  promise('a push is told to listeners with the person who pushed, a refused one is not', async (t, at) => {
    await at.create()
    const before = await at.push({ file: '1' })
    await at.host.repositories.protect(at.repo, { pushBy: 'team', teams: [at.team] })
    const dev = await checkout(t, at.userRemote('dev', at.repo))
    const heard: GitHostEvent[] = []
    t.after(at.host.onEvent((event) => heard.push(event)))

    const after = await dev.commit({ file: '2' })
    await dev.git('push', 'origin', 'HEAD:refs/heads/main')
    await dev.commit({ file: '3' }, { amend: true })
    await dev.git('push', '--force', 'origin', 'HEAD:refs/heads/main')

    if (at.host.can.pushEvents)
      assert.deepEqual(heard, [{ type: 'push', repo: at.repo, ref: 'refs/heads/main', before, after, actor: 'dev' }])
  })

  promise('of two pushes at once exactly one lands', async (t, at) => {
    await at.create()
    await at.push({ file: '1' })
    await at.host.repositories.protect(at.repo, { pushBy: 'team', teams: [at.team] })
    const people = ['dev', 'dev2'] as const
    const clones = await Promise.all(people.map((person) => checkout(t, at.userRemote(person, at.repo))))
    const commits = await Promise.all(clones.map((clone, index) => clone.commit({ file: `by ${index}` })))

    const results = await Promise.all(clones.map((clone) => clone.git('push', 'origin', 'HEAD:refs/heads/main')))

    const landed = commits.filter((_, index) => results[index]?.code === 0)
    assert.deepEqual(landed, [await at.host.files.resolve(at.repo, 'main')])
  })
}

type FileMap = Record<string, string | undefined>

interface Place extends GitHostUnderTest {
  readonly repo: RepoRef
  create(): Promise<void>
  /** Commits on top of a branch and pushes it as the platform; gives the commit. */
  push(files: FileMap, options?: { branch?: string; message?: string }): Promise<string>
  propose(request: { key: string; head: string }): ReturnType<GitHost['changes']['propose']>
  merge(number: number, expectedHead: string, message?: string): ReturnType<GitHost['changes']['merge']>
  /** A repository with one commit on main and another on a branch. */
  branch(
    files: FileMap,
    name?: string,
  ): Promise<{
    branch: string
    base: string
    head: string
    propose(key: string): ReturnType<GitHost['changes']['propose']>
  }>
}

async function place(t: TestContext, made: GitHostUnderTest): Promise<Place> {
  const repo = { owner: made.owner, name: `shop-${crypto.randomUUID().slice(0, 8)}` }
  const { changes } = made.host
  const at: Place = {
    ...made,
    repo,
    async create() {
      await made.host.repositories.create({ repo, description: '', marker: 'contract', teams: [made.team] })
    },
    async push(files, { branch = 'main', message = 'change' } = {}) {
      const clone = await checkout(t, await made.host.remote(repo), branch)
      const commit = await clone.commit(files, { message })
      const { code, output } = await clone.git('push', 'origin', `HEAD:refs/heads/${branch}`)
      assert.equal(code, 0, output)
      return commit
    },
    propose: ({ key, head }) =>
      changes.propose({ key, repo, title: 'Add a file', description: 'why', author: 'dev', head, base: 'main' }),
    merge: (number, expectedHead, message = 'Merge') =>
      changes.merge({ repo, number, expectedHead, message, mergedBy: 'fairway', authoredBy: 'dev' }),
    async branch(files, branch = 'topic') {
      if (!(await made.host.repositories.find(repo))) await at.create()
      const base = (await made.host.files.resolve(repo, 'main')) ?? (await at.push({ file: 'old' }))
      const head = await at.push(files, { branch })
      return { branch, base, head, propose: (key) => at.propose({ key, head: branch }) }
    },
  }
  return at
}

interface Clone {
  git(...args: string[]): Promise<{ code: number; output: string }>
  commit(files: FileMap, options?: { message?: string; amend?: boolean }): Promise<string>
}

/** A clone as a person has one, on `branch` when it exists, else on a new one from main. */
async function checkout(t: TestContext, remote: GitRemote, branch = 'main'): Promise<Clone> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-clone-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const git = gitIn(folder, remote)
  const must = async (...args: string[]) => {
    const { code, output } = await git(...args)
    assert.equal(code, 0, `git ${args.join(' ')}: ${output}`)
    return output.trim()
  }
  await must('init', '--quiet', `--initial-branch=${branch}`)
  await must('remote', 'add', 'origin', remote.url)
  await must('fetch', '--quiet', 'origin')
  for (const start of [`origin/${branch}`, 'origin/main'])
    if ((await git('checkout', '--quiet', '-B', branch, start)).code === 0) break
  return {
    git,
    async commit(files, { message = 'change', amend = false } = {}) {
      for (const [path, text] of Object.entries(files)) {
        if (text === undefined) await must('rm', '--quiet', path)
        else await must('update-index', '--add', '--cacheinfo', `100644,${await blob(folder, must, text)},${path}`)
      }
      await must('commit', '--quiet', '--allow-empty', '-m', message, ...(amend ? ['--amend'] : []))
      return must('rev-parse', 'HEAD')
    },
  }
}

async function blob(folder: string, must: (...args: string[]) => Promise<string>, text: string): Promise<string> {
  await writeFile(join(folder, '.git', 'draft'), text)
  return must('hash-object', '-w', '.git/draft')
}

function gitIn(folder: string, remote: GitRemote): Clone['git'] {
  const basic = Buffer.from(`${remote.username}:${remote.password}`).toString('base64')
  const settings = {
    [`http.${new URL(remote.url).origin}.extraHeader`]: `Authorization: Basic ${basic}`,
    'user.name': remote.username,
    'user.email': `${remote.username}@example.org`,
  }
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: folder,
    LC_ALL: 'C',
    NO_PROXY: '*',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: String(Object.keys(settings).length),
  }
  for (const [index, [key, value]] of Object.entries(settings).entries()) {
    env[`GIT_CONFIG_KEY_${index}`] = key
    env[`GIT_CONFIG_VALUE_${index}`] = value
  }
  return async (...args) => {
    try {
      const { stdout, stderr } = await promisify(execFile)('git', args, { cwd: folder, env, timeout: 30_000 })
      return { code: 0, output: stdout + stderr }
    } catch (error) {
      const { code, stdout = '', stderr = '' } = error as { code: number; stdout?: string; stderr?: string }
      return { code: code ?? -1, output: stdout + stderr }
    }
  }
}
