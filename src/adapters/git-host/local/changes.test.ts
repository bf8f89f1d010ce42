import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { sql } from 'kysely'
import { startLocalGitHost } from '../../../../testing/local-git-host.ts'
import { commitTree, isAncestor, log, resolve, updateRef } from '#lib/git/commits.ts'
import { writeTree } from '#lib/git/trees.ts'
import { changeRefs } from './change-record.ts'
import { localGitHost } from './local.ts'

const repo = { owner: 'team-a', name: 'shop' }
const author = { name: 'dev', email: 'dev@example.org' }

/** A repository with one commit on main and a change request for one more on a branch. */
async function proposed(t: TestContext) {
  const started = await startLocalGitHost(t)
  const { host, folder } = started
  await host.repositories.create({ repo, description: '', marker: 'm', teams: [] })
  const git = { dir: `${folder}/team-a/shop.git` }
  const commit = async (content: string, ...parents: string[]) =>
    commitTree(git, {
      tree: await writeTree(git, [{ path: 'file', content }]),
      parents,
      message: content,
      author,
      at: '2026-01-01T00:00:00Z',
    })
  const base = await commit('one')
  const head = await commit('two', base)
  await updateRef(git, { ref: 'refs/heads/main', to: base })
  await updateRef(git, { ref: 'refs/heads/topic', to: head })
  const propose = () =>
    host.changes.propose({ key: 'k', repo, title: 't', description: '', author: 'dev', head: 'topic', base: 'main' })
  const merge = (at = host) =>
    at.changes.merge({ repo, number: 1, expectedHead: head, message: 'Merge', mergedBy: 'fairway', authoredBy: 'dev' })
  return { ...started, git, base, head, propose, merge }
}

test('a merge that landed but was not recorded is found and finished, never done twice', async (t) => {
  const { host, git, options, propose, merge } = await proposed(t)
  await propose()
  const { meta } = changeRefs(1)
  const before = await resolve(git, meta)
  const first = await merge()
  await updateRef(git, { ref: meta, to: before }) // as it is when we die between the two moves

  const restarted = localGitHost(options)
  const again = await merge(restarted)

  assert.equal(again.mergeCommit, first.mergeCommit)
  assert.equal((await host.changes.find(repo, 1))?.state, 'merged')
  assert.equal((await log(git, { ref: 'main', limit: 10 })).length, 2)
})

test('a merge that was intended but did not land is open, and merges once', async (t) => {
  const { host, git, base, options, propose, merge } = await proposed(t)
  await propose()
  const { meta } = changeRefs(1)
  const before = await resolve(git, meta)
  await merge()
  await updateRef(git, { ref: meta, to: before })
  await updateRef(git, { ref: 'refs/heads/main', to: base }) // as it is when we die before both moves

  const restarted = localGitHost(options)
  const state = (await host.changes.find(repo, 1))?.state
  const merged = await merge(restarted)

  assert.equal(state, 'open')
  assert.equal(await resolve(git, 'main'), merged.mergeCommit)
  assert.equal((await log(git, { ref: 'main', limit: 10 })).length, 2)
})

test('when the index cannot be written the proposal fails, and repeating it adopts what Git has', async (t) => {
  const { host, options, propose } = await proposed(t)
  await sql`create function refuse() returns trigger language plpgsql as 'begin raise exception ''disk full''; end'`.execute(
    options.db,
  )
  await sql`create trigger refuse before insert on git_change for each row execute function refuse()`.execute(
    options.db,
  )
  await assert.rejects(propose(), /disk full/)
  await sql`drop trigger refuse on git_change`.execute(options.db)

  const change = await propose()

  assert.equal(change.number, 1)
  assert.equal((await host.changes.list({ repo, limit: 10 })).length, 1)
})

test('the index is rebuilt from the repositories alone, and forgets those that are gone', async (t) => {
  const { host, head, options, propose, merge } = await proposed(t)
  await propose()
  await host.changes.check(repo, head, {
    name: 'policy',
    state: 'success',
    summary: '',
    at: '2026-01-01T00:00:00.000Z',
  })
  await merge()
  const known = await host.changes.list({ limit: 10 })
  await options.db.updateTable('git_change').set({ state: 'open', owner: 'gone' }).execute()

  await host.rebuildIndex()

  assert.deepEqual(await host.changes.list({ limit: 10 }), known)
  assert.equal((await options.db.selectFrom('git_change').selectAll().execute()).length, 1)
})

test('every decision stays in the history of the record', async (t) => {
  const { host, git, propose } = await proposed(t)
  await propose()
  const approval = { by: 'dev2', comment: '', tree: 't', valid: true, at: '2026-01-01T00:00:00.000Z' }

  await host.changes.review(repo, 1, { ...approval, decision: 'reject' })
  await host.changes.review(repo, 1, { ...approval, decision: 'approve' })

  assert.equal((await log(git, { ref: changeRefs(1).meta, limit: 10 })).length, 3)
})

test('a closed change request keeps its commits when the branch is rewritten', async (t) => {
  const { host, git, base, head, propose } = await proposed(t)
  await propose()
  await host.changes.close(repo, 1, 'not needed')

  await updateRef(git, { ref: 'refs/heads/topic', to: base })

  assert.equal((await host.changes.find(repo, 1))?.headCommit, head)
  assert.equal(await isAncestor(git, head, changeRefs(1).head), true)
})
