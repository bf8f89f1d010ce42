import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { NotificationKind } from '#model/notification.ts'
import type { Person } from '#model/people.ts'
import type { MessageSender, OutgoingMessage, SendResult } from '#ports/notifications.ts'
import { leaseMessages } from '#store/notification-outbox.ts'
import { insertRun, type NewRun, patchRun, type RunPatch } from '#store/run.ts'
import { inTransaction } from '#store/transaction.ts'
import type { Platform } from '#workflows/platform.ts'
import { type TestDatabase, testDatabase } from '../../../testing/database.ts'
import type { Caller } from '../caller.ts'
import { keepPreferences, listUndelivered, markInboxRead, readInbox, sendMessageAgain } from './inbox.ts'
import { sendOutbox } from './send-outbox.ts'
import { tellPeople } from './tell-people.ts'

const person = (name: string, team: string, role: Person['roles'][number]): Person => ({
  name,
  displayName: name,
  email: `${name}@example.com`,
  teams: [team],
  roles: [role, 'viewer'],
})
const people = [
  person('dev', 'team-a', 'developer'),
  person('dev2', 'team-a', 'developer'),
  person('dev3', 'team-b', 'developer'),
  person('platform', 'platform', 'platform-engineer'),
  person('auditor', 'auditors', 'auditor'),
]

/** The parts of a platform that notifications use: a real database, people, and ways out that this test hears. */
async function start(t: TestContext) {
  const database = await testDatabase(t)
  const sent: OutgoingMessage[] = []
  let answer: () => SendResult | Promise<SendResult> = () => ({ state: 'accepted' })
  const sender: MessageSender = {
    async send(message) {
      sent.push(message)
      return answer()
    },
  }
  const teams = new Map<string, NotificationKind[]>([['team-a', ['rolled-back', 'run-failed']]])
  const platform = {
    ...database,
    ports: {
      identity: { people: async () => people, find: async (name: string) => people.find((one) => one.name === name) },
      notifications: { mail: sender, webhook: { ...sender, teams } },
    },
    settings: async () => ({ environments: [{ metadata: { name: 'dev' } }, { metadata: { name: 'production' } }] }),
    urls: { portal: 'http://localhost:8080' },
    log: { warn() {} },
  } as unknown as Platform
  return { platform, sent, answers: (next: typeof answer) => void (answer = next), ...database }
}

async function runThat(db: TestDatabase['db'], patch: RunPatch, more: Partial<NewRun> = {}): Promise<void> {
  const place = { service: 'shop', environment: 'production', team: 'team-a' }
  const run: NewRun = { id: 'r1', workflow: 'promote', requestedBy: 'dev', input: {}, steps: [], ...place, ...more }
  await insertRun(db, run)
  await patchRun(db, run.id, patch)
}

async function tellAll(platform: Platform): Promise<void> {
  while (await tellPeople(platform));
}

const as = (name: string): Caller => {
  const found = people.find((one) => one.name === name)
  if (!found) throw new Error(`nobody is called ${name}`)
  return { person: found, carrier: 'token', token: '' }
}
const inboxOf = (platform: Platform, name: string) => readInbox(platform, as(name), { limit: 50 })
const told = async (platform: Platform) => {
  const all = await Promise.all(people.map(async ({ name }) => [name, (await inboxOf(platform, name)).unread] as const))
  return all.filter(([, unread]) => unread > 0).map(([name]) => name)
}
const due = (db: TestDatabase['db']) =>
  db
    .updateTable('notification_outbox')
    .set({ next_at: new Date(0) })
    .execute()
const waiting = { state: 'waiting', waitingFor: 'approval' } as const

test('a waiting approval is told to everybody who may give it, and not to who asked', async (t) => {
  const { platform, db } = await start(t)
  await runThat(db, waiting)

  await tellAll(platform)

  assert.deepEqual(await told(platform), ['dev2', 'platform'])
  const { items } = await inboxOf(platform, 'dev2')
  assert.equal(items[0]?.title, 'Promotion of shop in production waits for an approval')
  assert.equal(items[0]?.path, '/runs/r1')
})

test('an approval that nobody waits for any more is no news', async (t) => {
  const { platform, db } = await start(t)
  await runThat(db, waiting)
  await patchRun(db, 'r1', { state: 'cancelled', waitingFor: null })

  await tellAll(platform)

  assert.deepEqual(await told(platform), [])
})

test('a failed run is told to who started it, and to the team when the platform did; the words of the error go nowhere', async (t) => {
  const { platform, db, sent } = await start(t)
  const error = { code: 'INTERNAL', title: 'x', detail: 'password=hunter2', status: 500 } as never
  await runThat(db, { state: 'failed', error })
  await tellAll(platform)
  assert.deepEqual(await told(platform), ['dev'])

  await runThat(db, { state: 'failed', error }, { id: 'r2', requestedBy: 'fairway' })
  await tellAll(platform)
  assert.deepEqual(await told(platform), ['dev', 'dev2'])

  while ((await sendOutbox(platform)) > 0);
  assert.equal(sent.length, 5)
  assert.ok(!JSON.stringify(sent).includes('hunter2'))
})

test('a rollback of production is told to the owning team, elsewhere to nobody', async (t) => {
  const { platform, db } = await start(t)
  await runThat(db, { state: 'succeeded' }, { workflow: 'rollback', environment: 'dev' })
  await tellAll(platform)
  assert.deepEqual(await told(platform), [])

  await runThat(db, { state: 'succeeded' }, { id: 'r2', workflow: 'rollback' })
  await tellAll(platform)
  assert.deepEqual(await told(platform), ['dev', 'dev2'])
})

test('the cause commits with the change of the run or not at all', async (t) => {
  const { db, pool } = await start(t)
  await runThat(db, { state: 'running' })

  await assert.rejects(
    inTransaction(pool, async (tx) => {
      await patchRun(tx, 'r1', { state: 'failed' })
      throw new Error('cut off')
    }),
  )
  assert.equal((await db.selectFrom('notification_cause').selectAll().execute()).length, 0)

  await patchRun(db, 'r1', { state: 'failed' })
  await patchRun(db, 'r1', { state: 'failed' })
  assert.equal((await db.selectFrom('notification_cause').selectAll().execute()).length, 1)
})

test('two replicas that tell and send at once tell everybody once and never hold the same message', async (t) => {
  const { platform, db, sent } = await start(t)
  for (let n = 0; n < 20; n++) await runThat(db, { state: 'failed' }, { id: `r${n}` })

  await Promise.all([tellAll(platform), tellAll(platform), tellAll(platform)])
  await tellAll(platform)
  assert.equal((await inboxOf(platform, 'dev')).unread, 20)

  const send = async () => {
    while ((await sendOutbox(platform)) > 0);
  }
  await Promise.all([send(), send(), send()])
  await send()
  assert.equal(sent.length, 40) // a mail to dev and a webhook of team-a each
  assert.equal(new Set(sent.map(({ id }) => id)).size, 40)
})

test('who dies between sending and noting it leaves the message to be sent again, with the same id', async (t) => {
  const { platform, db, sent } = await start(t)
  await runThat(db, { state: 'failed' }, { team: 'team-b' })
  await tellAll(platform)
  const [lost] = await leaseMessages(db, { limit: 1, seconds: 60 }) // taken, and its holder is gone

  assert.equal(await sendOutbox(platform), 0)
  await due(db)
  assert.equal(await sendOutbox(platform), 1)

  assert.equal(sent[0]?.id, lost?.id)
  await due(db)
  assert.equal(await sendOutbox(platform), 0)
})

test('an attempt that outlived its lease does not undo what the next one noted', async (t) => {
  const { platform, db, answers } = await start(t)
  await runThat(db, { state: 'failed' }, { team: 'team-b' })
  await tellAll(platform)
  const slow = Promise.withResolvers<SendResult>()
  const asked = Promise.withResolvers<void>()
  answers(() => {
    asked.resolve()
    return slow.promise
  })
  const first = sendOutbox(platform)
  await asked.promise
  answers(() => ({ state: 'accepted' }))
  await due(db)
  await sendOutbox(platform)

  slow.resolve({ state: 'refused', reason: 'too late' })
  await first

  const rows = await db.selectFrom('notification_outbox').select('state').execute()
  assert.deepEqual(rows, [{ state: 'sent' }])
})

test('an attempt that outlived its lease does not end a message that the next one put off', async (t) => {
  const { platform, db, answers } = await start(t)
  await runThat(db, { state: 'failed' }, { team: 'team-b' })
  await tellAll(platform)
  const slow = Promise.withResolvers<SendResult>()
  const asked = Promise.withResolvers<void>()
  answers(() => {
    asked.resolve()
    return slow.promise
  })
  const first = sendOutbox(platform)
  await asked.promise
  answers(() => ({ state: 'later', reason: 'the receiver answered 503' }))
  await due(db)
  await sendOutbox(platform)

  slow.resolve({ state: 'refused', reason: 'too late' })
  await first

  const rows = await db.selectFrom('notification_outbox').select(['state', 'attempts', 'reason']).execute()
  assert.deepEqual(rows, [{ state: 'waiting', attempts: 2, reason: 'the receiver answered 503' }])
})

test('a busy receiver is tried again at growing distance, then given up with the reason, and can be sent again under the same id', async (t) => {
  const { platform, db, sent, answers } = await start(t)
  await runThat(db, { state: 'failed' }, { team: 'team-b' })
  await tellAll(platform)
  answers(() => ({ state: 'later', reason: 'the receiver answered 503' }))

  for (let n = 0; n < 15; n++) {
    await sendOutbox(platform)
    await due(db)
  }

  assert.equal(sent.length, 10)
  const [given] = await listUndelivered(platform, as('platform'))
  assert.match(given?.reason ?? '', /503; tried 10 times/)
  await assert.rejects(listUndelivered(platform, as('dev')), { code: 'NOT_ALLOWED' })
  await assert.rejects(sendMessageAgain(platform, as('dev'), String(given?.id)), { code: 'NOT_ALLOWED' })

  answers(() => ({ state: 'accepted' }))
  await sendMessageAgain(platform, as('platform'), String(given?.id))
  await sendOutbox(platform)
  assert.equal(new Set(sent.map(({ id }) => id)).size, 1)
  assert.deepEqual(await listUndelivered(platform, as('platform')), [])
})

test('a receiver that refuses is not tried again', async (t) => {
  const { platform, db, sent, answers } = await start(t)
  await runThat(db, { state: 'failed' }, { team: 'team-b' })
  await tellAll(platform)
  answers(() => ({ state: 'refused', reason: 'the receiver answered 410' }))

  await sendOutbox(platform)
  await due(db)
  await sendOutbox(platform)

  assert.equal(sent.length, 1)
  assert.equal((await listUndelivered(platform, as('platform')))[0]?.reason, 'the receiver answered 410')
})

test('what a person does not want reaches neither inbox nor mail', async (t) => {
  const { platform, db, sent } = await start(t)
  await keepPreferences(platform, as('dev'), { inbox: ['run-failed'], mail: [] })
  await keepPreferences(platform, as('dev2'), { inbox: [], mail: ['approval-waiting'] })
  await runThat(db, { state: 'failed' }, { team: 'team-b' })
  await runThat(db, waiting, { id: 'r2' })

  await tellAll(platform)
  while ((await sendOutbox(platform)) > 0);

  assert.deepEqual(await told(platform), ['dev', 'platform'])
  assert.deepEqual(sent.map(({ to }) => to).toSorted(), ['dev2@example.com', 'platform@example.com'])
})

test('a person reads and marks only their own', async (t) => {
  const { platform, db } = await start(t)
  await runThat(db, { state: 'failed' })
  await tellAll(platform)
  const id = String((await inboxOf(platform, 'dev')).items[0]?.id)

  assert.deepEqual(await markInboxRead(platform, as('dev2'), [id]), { marked: 0 })
  assert.equal((await inboxOf(platform, 'dev')).unread, 1)
  assert.deepEqual(await markInboxRead(platform, as('dev'), [id]), { marked: 1 })
  assert.equal((await inboxOf(platform, 'dev')).unread, 0)
})

test('pages of the inbox hold everything once, newest first', async (t) => {
  const { platform, db } = await start(t)
  for (let n = 0; n < 7; n++) await runThat(db, { state: 'failed' }, { id: `r${n}` })
  await tellAll(platform)

  const seen: string[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await readInbox(platform, as('dev'), { limit: 3, cursor })
    seen.push(...page.items.map(({ run }) => run))
    if (!page.next) break
    cursor = page.next
  }

  assert.deepEqual(seen, ['r6', 'r5', 'r4', 'r3', 'r2', 'r1', 'r0'])
})
