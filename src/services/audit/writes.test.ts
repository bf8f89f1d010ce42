import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { allRoutes } from '#api/contract/all.ts'
import { allHandlers } from '#api/routes/handlers.ts'
import type { RepoRef } from '#model/names.ts'
import type { Caller } from '#services/caller.ts'
import { requireChange } from '#services/changes.ts'
import { openChange } from '#services/review-changes.ts'
import { setSecret } from '#services/secrets.ts'
import { loginKeys } from '#services/sessions.ts'
import type { AuditRecord } from '#model/audit.ts'
import { listAudit } from '#store/audit.ts'
import { endAttempt, putIntoOutbox } from '#store/notification-outbox.ts'
import { type PlatformForTest, platformForTest } from '../../../testing/platform-for-test.ts'
import { openDoor } from '../../main/develop/door.ts'
import { quiet } from '../../../test/proofs/rebuild/live-history.ts'

/** A write of the API: who asks, how often it may be asked, and what its records must name. */
interface Write {
  readonly by: string
  readonly action: string
  /** Prepares a fresh object and gives the call. */
  readonly call: () => Promise<{ params?: Record<string, unknown>; body?: unknown }>
}

let whole: PlatformForTest
const teardown: (() => unknown)[] = []
before(async () => {
  whole = await platformForTest({ after: (end) => void teardown.push(end) })
  await whole.service('shop')
})
after(async () => {
  for (const end of teardown.toReversed()) await end()
})

/** Calls that change nothing; each says so. */
const readsOnly = new Set(['catalog.validate', 'services.check', 'templates.check', 'templates.preview'])
async function givenUp(): Promise<string> {
  const id = `msg_${(++made).toString(16).padStart(32, '0')}`
  const { db } = whole.platform
  await putIntoOutbox(db, { id, channel: 'mail', recipient: 'dev', message: {} })
  await endAttempt(db, { id, attempts: 0 }, { state: 'given-up', reason: 'a test' })
  return id
}
const repo: RepoRef = { owner: 'team-a', name: 'shop' }
let made = 0

const writes: Readonly<Record<string, Write>> = {
  'sessions.create': {
    by: 'dev',
    action: 'session.start',
    call: async () => ({ body: { user: 'dev', key: 'key-of-the-test', carrier: 'token' } }),
  },
  'sessions.switch': { by: 'dev', action: 'session.switch', call: async () => ({ body: { user: 'dev2' } }) },
  'sessions.end': { by: 'dev', action: 'session.end', call: async () => ({}) },
  'services.create': {
    by: 'dev',
    action: 'create-service',
    call: async () => ({
      body: { template: 'tiny', name: `made-${++made}`, owner: 'team-a', values: {}, dryRun: false },
    }),
  },
  'services.promote': {
    by: 'dev',
    action: 'promote',
    call: async () => ({ params: { name: 'shop' }, body: { to: 'staging', dryRun: false } }),
  },
  'services.tour-act': {
    by: 'dev',
    action: 'tour.break',
    call: async () => {
      const name = `fresh-${++made}`
      await whole.service(name)
      return { params: { name }, body: { act: 'break', dryRun: false } }
    },
  },
  'changes.open': {
    by: 'dev',
    action: 'change.open',
    call: async () => ({ body: { repo, branch: await branch(), title: 'A change', description: '' } }),
  },
  'changes.review': {
    by: 'platform2',
    action: 'change.approve',
    call: async () => placed(await proposed(), { decision: 'approve', comment: '' }),
  },
  'changes.merge': { by: 'dev', action: 'change.merge', call: async () => placed(await proposed(), {}) },
  'changes.close': {
    by: 'dev',
    action: 'change.close',
    call: async () => {
      const { params } = await placed(await proposed(), {})
      return { params, body: { reason: 'not needed' } }
    },
  },
  'secrets.set': {
    by: 'dev',
    action: 'secret.set',
    call: async () => ({ params: { name: 'shop' }, body: secretBody() }),
  },
  'secrets.remove': {
    by: 'dev',
    action: 'secret.delete',
    call: async () => {
      const body = secretBody()
      await setSecret(whole.platform, await whole.caller('dev'), { service: 'shop', ...body, ...unhurried() })
      return { params: { name: 'shop', environment: body.environment, secret: body.name } }
    },
  },
  'dev.start': {
    by: 'dev',
    action: 'dev.start',
    call: async () => ({ params: { name: 'shop' }, body: { files: await filesOf('shop') } }),
  },
  'dev.open': {
    by: 'dev',
    action: 'dev.open',
    call: async () => ({ params: { name: 'shop' }, body: await provenPort() }),
  },
  'dev.close': {
    by: 'dev',
    action: 'dev.close',
    call: async () => ({ params: { name: 'shop', lease: 'never-lent-to-anybody' } }),
  },
  'catalog.refresh': { by: 'dev', action: 'catalog.refresh', call: async () => ({}) },
  'notifications.read': { by: 'dev', action: 'notification.read', call: async () => ({ body: {} }) },
  'notifications.prefer': {
    by: 'dev',
    action: 'notification.prefer',
    call: async () => ({ body: { inbox: ['run-failed'], mail: [] } }),
  },
  'notifications.send-again': {
    by: 'platform',
    action: 'notification.send-again',
    call: async () => ({ params: { id: await givenUp() } }),
  },
  'platform.rebuild': { by: 'platform', action: 'platform.rebuild', call: async () => ({}) },
}

/** Held by tests of their own, since they need a run that failed or an environment with a history. */
const elsewhere: Readonly<Record<string, string>> = {
  'services.adopt': 'starts its run as services.create does, by startRun; src/workflows/adopt/adopt-service.test.ts',
  'services.rollback': 'starts its run as services.promote does, by startRun',
  'drift.revert': 'starts its run by startRun',
  'drift.adopt': 'starts its run by startRun',
  'dev.renew': 'keeps for seconds what dev.open recorded; src/agent/gateway/lent-routes.test.ts',
  'runs.retry': 'announces itself by withIntent',
  'environments.bootstrap': 'announces itself by withIntent; with nothing to point it ends before',
  'environments.detach': 'announces itself by withIntent; with nothing to point it ends before',
  'runs.cancel': 'its record shares the transaction of what it changes',
  'runs.undo': 'starts its run by startRun',
}

test('every write of the API is held here, is a read, or says where it is held', () => {
  const ids = allRoutes.filter(({ method }) => method !== 'GET').map(({ id }) => id)

  const unheld = ids.filter((id) => !(id in writes) && !(id in elsewhere) && !readsOnly.has(id))

  assert.deepEqual(unheld, [], 'give a new write an example here')
})

for (const [id, write] of Object.entries(writes))
  test(`${id} leaves records that say who did what to what`, async () => {
    const call = await write.call()
    const last = await newest()

    await ask(id, await whole.caller(write.by), call)

    const records = (await since(last)).filter(({ action }) => action === write.action)
    assert.ok(records.length > 0, `no record of ${write.action}`)
    for (const record of records) {
      assert.equal(record.actor, write.by)
      assert.match(record.object, /^[a-z]+:./)
    }
    assert.equal(records[0]?.result, 'ok')
    const phases = records.map(({ phase }) => phase).toReversed()
    assert.deepEqual(phases, phases.length === 1 ? ['act'] : ['intent', 'outcome'])
  })

test('a record that cannot be written, whichever it is, stops the write: never an effect without an intent', async () => {
  const faults: string[] = []
  for (const [id, write] of Object.entries(writes)) {
    let call = await write.call()
    for (let nth = 1; nth <= 3; nth++) {
      await quiet(whole, 200)
      const last = await newest()
      const caller = await whole.caller(write.by)
      const earlier = await world()
      await failAt(nth)
      const refused = await ask(id, caller, call).then(
        () => false,
        () => true,
      )
      const later = await world()
      await failAt(undefined)
      const announced = (await since(last)).some(({ action }) => action === write.action)
      if (later !== earlier) call = await write.call()
      if (later !== earlier && !announced) faults.push(`${id}: the effect is there, record ${nth} is not`)
      await quiet(whole, 200)
      if (!refused) break // so few records does it write
    }
  }

  assert.deepEqual(faults, [])
})

test('a push is recorded with the person who pushed, whatever its commits say', async () => {
  const last = await newest()
  const author = { name: 'Somebody Else', email: 'else@example.com' }

  const commit = await whole.push({ repo, by: 'dev2', author, branch: 'spoofed', write: { 'a.md': 'a' } })

  await quiet(whole)
  const [record] = (await since(last)).filter(({ action }) => action === 'git.push')
  assert.equal(record?.actor, 'dev2')
  assert.equal(record?.object, 'repository:team-a/shop')
  assert.equal(record?.commit, commit)
})

async function ask(
  id: string,
  caller: Caller,
  { params = {}, body }: { params?: Record<string, unknown>; body?: unknown },
) {
  const keys = { ...loginKeys('key-of-the-test'), accept: () => true }
  const handler = allHandlers({
    platform: whole.platform,
    keys,
    doctor: async () => [],
    live: async () => [],
    version: '0',
  })[id]
  const route = allRoutes.find((one) => one.id === id)
  const parsed = route?.body ? route.body.parse(body) : body
  const { signal } = new AbortController()
  const call = { params, query: {}, body: parsed, caller, requestId: 'test', signal }
  return handler?.(call as never)
}

function secretBody() {
  return { environment: 'dev', name: `spare-${++made}.key`, value: 'a value of a test', rotate: false }
}

function unhurried(): { signal: AbortSignal } {
  return { signal: AbortSignal.timeout(60_000) }
}

async function filesOf(service: string): Promise<{ path: string; content: string }[]> {
  const path = 'score.yaml'
  const { files } = whole.platform.ports.gitHost
  return [{ path, content: (await files.read({ owner: 'team-a', name: service }, 'main', path)) ?? '' }]
}

/** Something of this process that a name may be lent to. What an earlier call has is ended: a person has one name of a service. */
async function provenPort(): Promise<{ port: number; proof: string }> {
  const proof = 'p'.repeat(43)
  await doors.pop()?.close()
  const door = await openDoor({ service: 'shop', port: 1_024, proof, isRunning: () => false, onRequest: () => {} })
  doors.push(door)
  return { port: door.port, proof }
}
const doors: { close(): Promise<void> }[] = []
teardown.push(() => doors.pop()?.close())

async function branch(): Promise<string> {
  const name = `branch-${++made}`
  await whole.push({ repo, by: 'dev', branch: name, write: { [`${name}.md`]: name } })
  return name
}

async function proposed(): Promise<number> {
  const request = { repo, branch: await branch(), title: 'A change', description: '' }
  const { number } = await openChange(whole.platform, await whole.caller('dev'), request)
  await quiet(whole)
  return number
}

async function placed(number: number, body: Record<string, unknown>) {
  const { headCommit } = await requireChange(whole.platform, { repo, number })
  return { params: { owner: repo.owner, repo: repo.name, number }, body: { ...body, head: headCommit } }
}

async function newest(): Promise<number> {
  return (await listAudit(whole.platform.db, { limit: 1 }))[0]?.seq ?? 0
}

/** Newest first. */
async function since(seq: number): Promise<AuditRecord[]> {
  return (await listAudit(whole.platform.db, { limit: 200 })).filter((record) => record.seq > seq)
}

/** What a write may change: refs of repositories, sessions, runs, secrets. */
async function world(): Promise<string> {
  const { gitHost } = whole.platform.ports
  const changes = await gitHost.changes.list({ limit: 500 })
  const repositories = (await gitHost.repositories.list()).map(({ repo: one }) => one)
  const heads = await Promise.all(repositories.map((one) => gitHost.files.resolve(one, 'main')))
  return onDatabase(async (client) => {
    const { rows } = await client.query(
      `select (select json_agg(person order by token_digest) from session where person <> 'platform2') as sessions,
        (select json_agg(id order by id) from run) as runs,
        (select json_agg(name order by name, version) from vault.secret where box is not null) as secrets`,
    )
    const views = changes.map(({ repo: { name }, number, state, approvals }) => [name, number, state, approvals.length])
    return JSON.stringify([views, heads, repositories, rows])
  })
}

/** From now on the nth record that is written fails, until told otherwise. */
async function failAt(nth: number | undefined): Promise<void> {
  await onDatabase(async (client) => {
    await client.query(`drop trigger if exists fault on vault.audit; drop sequence if exists fault_at`)
    if (nth === undefined) return
    await client.query(`create sequence fault_at`)
    await client.query(`create or replace function fault() returns trigger language plpgsql as $$
      begin if nextval('fault_at') = ${nth} then raise exception 'the disk is full'; end if; return new; end $$`)
    await client.query(`create trigger fault before insert on vault.audit for each row execute function fault()`)
  })
}

async function onDatabase<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: String(whole.platform.pool.options.connectionString) })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
