import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { commitTree } from '#lib/git/commits.ts'
import { fetchRefs, pushRefs } from '#lib/git/remote.ts'
import { editTree, treeOf } from '#lib/git/trees.ts'
import type { ChangeRequest } from '#model/change-request.ts'
import { platformRepo, type RepoRef } from '#model/names.ts'
import { openChange, reviewChange } from '#services/review-changes.ts'
import { insertRun, patchRun } from '#store/run.ts'
import type { Platform } from '#workflows/platform.ts'
import { type PlatformForTest, platformForTest } from '../../../testing/platform-for-test.ts'
import { tinyPlatformFiles } from '../../../testing/tiny-platform.ts'
import { waitUntil } from '../../../testing/wait-until.ts'
import { readInbox } from './inbox.ts'
import { tellPeople } from './tell-people.ts'

let whole: PlatformForTest
const teardown: (() => unknown)[] = []
before(async () => {
  const files = tinyPlatformFiles().map(({ path, content }) =>
    path === 'fairway.yaml'
      ? { path, content: content.replace('serviceReview: none', 'serviceReview: one') }
      : { path, content },
  )
  whole = await platformForTest({ after: (end) => void teardown.push(end) }, { files })
})
after(async () => {
  for (const end of teardown.toReversed()) await end()
})

test('a change of the settings is told once for each head to everybody who may approve it, and to no author', async () => {
  const first = await proposed(platformRepo, {
    branch: 'later',
    by: 'platform',
    write: { 'environments/NOTES.md': 'a' },
  })
  await checked(first)

  await Promise.all([tellAll(), tellAll()])
  await tellAll()

  assert.deepEqual(await toldOf(first), ['platform2'])
  const { items } = await readInbox(whole.platform, await whole.caller('platform2'), { limit: 1 })
  const { run, ...told } = items[0] ?? assert.fail('platform2 was told nothing')
  assert.match(run, /^k/)
  assert.deepEqual(
    { title: told.title, path: told.path, change: told.change, service: told.service },
    {
      title: `Change request ${first.id} waits for an approval`,
      path: `/changes/fairway/platform/${first.number}`,
      change: first.id,
      service: undefined,
    },
  )

  const second = await pushedAgain(first, { by: 'platform', write: { 'environments/NOTES.md': 'b' } })
  await checked(second)
  await tellAll()
  assert.deepEqual(await toldOf(first), ['platform2', 'platform2'])
})

test('a change of the rules is told to who approves rules', async () => {
  const { files } = whole.platform.ports.gitHost
  const path = 'waivers/readme.md'
  assert.equal(await files.read(platformRepo, 'main', path), undefined)
  const change = await proposed(platformRepo, { branch: 'waive', by: 'platform', write: { [path]: 'none yet\n' } })
  await checked(change)

  await tellAll()

  assert.deepEqual(await toldOf(change), ['sec'])
})

test('a change of a service under review is told to its team and to platform engineers, and to its webhook', async () => {
  await whole.service('shop')
  const webhook = {
    teams: new Map([['team-a', ['approval-waiting' as const]]]),
    send: async () => ({ state: 'accepted' as const }),
  }
  const platform = {
    ...whole.platform,
    ports: { ...whole.platform.ports, notifications: { mail: undefined, webhook } },
  }
  const repo = { owner: 'team-a', name: 'shop' }
  const change = await proposed(repo, { branch: 'better', by: 'dev', write: { 'notes.md': 'better' } })
  await checked(change)

  await tellAll(platform)

  assert.deepEqual(await toldOf(change), ['dev2', 'platform', 'platform2'])
  const outbox = await whole.platform.db.selectFrom('notification_outbox').select(['recipient', 'message']).execute()
  const heard = outbox.map(({ recipient, message }) => [recipient, message['change'], message['service']])
  assert.deepEqual(heard, [['team-a', change.id, 'shop']])
})

test('what was approved, or whose check failed, waits for nobody', async () => {
  const write = { 'environments/MORE.md': 'words' }
  const approved = await proposed(platformRepo, { branch: 'approved', by: 'platform', write })
  const request = { place: approved, decision: 'approve' as const, head: approved.headCommit, comment: '' }
  await reviewChange(whole.platform, await whole.caller('platform2'), request)
  const broken = await proposed(platformRepo, {
    branch: 'broken',
    by: 'platform',
    write: { 'fairway.yaml': 'spec: [\n' },
  })
  await checked(approved)
  await checked(broken)

  await tellAll()

  assert.deepEqual(await toldOf(approved), [])
  assert.deepEqual(await toldOf(broken), [])
})

test('while the Git host is away other news goes on, and what was put off is told later, once', async () => {
  const change = await proposed(platformRepo, {
    branch: 'away',
    by: 'platform',
    write: { 'environments/AWAY.md': 'a' },
  })
  await checked(change)
  const { db, ports } = whole.platform
  await insertRun(db, { id: 'rlater', workflow: 'promote', requestedBy: 'dev3', input: {}, steps: [], team: 'team-b' })
  await patchRun(db, 'rlater', { state: 'failed', finished: true })
  const find = () => Promise.reject(new Error('the Git host is away'))
  const gitHost = { ...ports.gitHost, changes: { ...ports.gitHost.changes, find } }

  await tellAll({ ...whole.platform, log: { warn() {} } as never, ports: { ...ports, gitHost } })
  assert.deepEqual(await toldOf(change), [])
  const { items } = await readInbox(whole.platform, await whole.caller('dev3'), { limit: 1 })
  assert.equal(items[0]?.run, 'rlater')

  await tellAll()
  assert.deepEqual(await toldOf(change), [])
  await db
    .updateTable('notification_cause')
    .set({ put_off_until: new Date(0) })
    .where('told_at', 'is', null)
    .execute()
  await tellAll()
  await tellAll()
  assert.deepEqual(await toldOf(change), ['platform2'])
})

async function proposed(
  repo: RepoRef,
  { branch, by, write }: { branch: string; by: string; write: Record<string, string> },
): Promise<ChangeRequest> {
  await whole.push({ repo, by, branch, write })
  return openChange(whole.platform, await whole.caller(by), { repo, branch, title: branch, description: '' })
}

/** One more commit on the branch of a change request. */
async function pushedAgain(
  change: ChangeRequest,
  { by, write }: { by: string; write: Record<string, string> },
): Promise<ChangeRequest> {
  const { repo, head, headCommit } = change
  const objects = { dir: whole.platform.objects }
  const caller = await whole.caller(by)
  const { name, email = '' } = caller.person
  const remote = { ...(await whole.platform.ports.gitHost.remote(repo)), username: name, password: caller.token }
  await fetchRefs(objects, remote, [{ from: `refs/heads/${head}`, to: 'refs/test/again' }])
  const baseTree = (await treeOf(objects, headCommit)) ?? ''
  const edits = Object.entries(write).map(([path, content]) => ({ path, content }))
  const tree = await editTree(objects, { baseTree, write: edits })
  const message = 'Say more'
  const at = new Date().toISOString()
  const commit = await commitTree(objects, { tree, parents: [headCommit], message, author: { name, email }, at })
  await pushRefs(objects, remote, [{ commit, to: `refs/heads/${head}` }])
  return { ...change, headCommit: commit }
}

async function checked({ headCommit }: ChangeRequest): Promise<void> {
  const ended = () =>
    whole.platform.db
      .selectFrom('run')
      .select(['id', 'input'])
      .where('workflow', '=', 'check')
      .where('state', '=', 'succeeded')
      .execute()
  await waitUntil(
    async () => (await ended()).some(({ input }) => (input as { commit?: string }).commit === headCommit),
    {
      what: `the checks of ${headCommit}`,
      ms: 120_000,
    },
  )
}

async function tellAll(platform: Platform = whole.platform): Promise<void> {
  while (await tellPeople(platform));
}

async function toldOf({ id }: ChangeRequest): Promise<string[]> {
  const query = whole.platform.db.selectFrom('notification').select('person').where('change', '=', id)
  return (await query.orderBy('person').execute()).map(({ person }) => person)
}
