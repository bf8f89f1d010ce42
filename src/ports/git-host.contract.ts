import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { changePromises, mergePromises } from './git-host-changes.contract.ts'
import { type GitHostUnderTest, place, type Promised } from './git-host-place.contract.ts'
import { protectionPromises } from './git-host-protection.contract.ts'

/** What every Git host promises, asked through the port and with a real git client only. */
export function describeGitHost(name: string, make: (t: TestContext) => Promise<GitHostUnderTest>): void {
  const promise: Promised = (title, body) =>
    void test(title, async (context) => {
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

  promise(
    'what is archived is listed with its run and reason until it is purged, and purging again changes nothing',
    async (_t, at) => {
      await at.create()
      await at.host.repositories.archive(at.repo, 'run one was undone')
      const own = async () =>
        (await at.host.repositories.archived()).filter(
          ({ repo }) => repo.name === at.repo.name && repo.owner === at.repo.owner,
        )
      const [archived, ...more] = await own()

      await at.host.repositories.purge('../../anything')
      assert.equal((await own()).length, 1)
      for (let turn = 0; turn < 2; turn++) await at.host.repositories.purge(archived?.id ?? '')

      assert.deepEqual(more, [])
      assert.equal(archived?.reason, 'run one was undone')
      assert.ok(archived?.marker)
      assert.ok(Date.parse(archived.at) > Date.now() - 600_000)
      assert.deepEqual(await own(), [])
    },
  )

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
    assert.deepEqual([...(await files.readAll(at.repo, first, ['a.txt', 'absent']))], [['a.txt', 'one']])
    assert.equal((await files.readAll(at.repo, 'absent', ['a.txt'])).size, 0)
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
    const changed = await at.host.files.history(at.repo, { ref: 'main', limit: 10, files: true })
    assert.deepEqual(changed.map(({ files }) => files?.includes('b')), [true, false]) // biome-ignore format: one thought
    assert.equal(changed[1]?.files?.includes('a'), true)
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
