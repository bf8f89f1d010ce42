import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { DBOSClient } from '@dbos-inc/dbos-sdk'
import { sql } from 'kysely'
import type { Database } from '#store/database.ts'
import { listAudit } from '#store/audit.ts'
import { findRun, insertRun, readRunLog } from '#store/run.ts'
import { inTransaction } from '#store/transaction.ts'
import { testDatabase } from '../../../testing/database.ts'
import { waitUntil } from '../../../testing/wait-until.ts'

const program = join(import.meta.dirname, '../../../testing/zombie/replica.ts')

// Two control planes on one database; the first is stopped in a step, the second takes over, the first wakes up.
describe('a replica that was stopped in a step and comes back after another one took over', {
  concurrency: true,
}, () => {
  for (const [stopped, where] of [
    ['first-before', 'before its effect'],
    ['first-after', 'behind its effect, before its record'],
  ] as const)
    test(`${where}: it writes nothing, the run ends once, effects once`, async (t) => {
      const lab = await zombieLab(t)
      const zombie = await lab.replica('first')
      await lab.start()
      if (stopped === 'first-after') await lab.open('first first-before')
      const last = stopped === 'first-before' ? 'first first begun' : 'first first effect'
      await waitUntil(async () => (await lab.ledger()).includes(last), { what: last, ms: 30_000 })
      zombie.kill('SIGSTOP')
      await lab.replica('second')
      for (const gate of ['first-before', 'first-after', 'second-before', 'second-after'])
        await lab.open(`second ${gate}`)
      await lab.ended()
      const before = await lab.written()
      for (const gate of ['first-before', 'first-after', 'second-before', 'second-after'])
        await lab.open(`first ${gate}`)
      zombie.kill('SIGCONT')
      await lab.awake('first')

      const run = await findRun(lab.db, 'r1')
      const effects = (await lab.ledger()).filter((line) => line.endsWith(' effect'))
      assert.deepEqual(await lab.written(), before)
      assert.equal(run?.state, 'succeeded')
      assert.deepEqual(run?.result, { by: 'second', end: 'second' })
      // What was had before the stop was had; from the waking on the first has none.
      const expected = ['second first effect', 'second second effect']
      assert.deepEqual(effects, stopped === 'first-after' ? ['first first effect', ...expected] : expected)
      const ends = (await listAudit(lab.db, { run: 'r1', limit: 20 })).filter(({ phase }) => phase === 'outcome')
      assert.deepEqual(ends.map(({ action }) => action).toSorted(), ['run.first', 'run.second'])
    })
})

interface ZombieLab {
  readonly db: Database
  replica(name: string): Promise<ChildProcess>
  start(): Promise<void>
  open(gate: string): Promise<void>
  ledger(): Promise<string[]>
  ended(): Promise<void>
  /** Everything that anybody wrote of the run. */
  written(): Promise<unknown>
  /** The stopped replica has renewed its lease and its step has come to its end. */
  awake(name: string): Promise<void>
}

async function zombieLab(t: TestContext): Promise<ZombieLab> {
  const { url, db, pool } = await testDatabase(t)
  const folder = await mkdtemp(join(tmpdir(), 'fairway-zombie-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const [ledger, gates] = [join(folder, 'ledger'), join(folder, 'gates')]
  for (const file of [ledger, gates]) await writeFile(file, '')
  const lines = async () => (await readFile(ledger, 'utf8')).split('\n').filter(Boolean)
  const steps = [
    { name: 'first', title: 'first' },
    { name: 'second', title: 'second' },
  ]
  return {
    db,
    async replica(name) {
      const child = spawn(process.execPath, [program, url, name, ledger, gates], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      t.after(() => child.kill('SIGKILL'))
      await waitUntil(async () => (await lines()).includes(`${name} engine ready`), {
        what: `${name} to be ready`,
        ms: 60_000,
      })
      return child
    },
    async start() {
      const client = await DBOSClient.create({ systemDatabaseUrl: url, systemDatabasePoolSize: 1 } as never)
      const run = { id: 'r1', workflow: 'promote' as const, requestedBy: 'dev', input: {}, steps }
      await inTransaction(pool, async (tx, connection) => {
        await insertRun(tx, run)
        const job = { queueName: 'runs', workflowName: 'promote', workflowID: 'r1', appVersion: '1' }
        await client.enqueueInTransaction(connection, job, 'r1')
      })
      await client.destroy()
    },
    open: (gate) => appendFile(gates, `${gate}\n`),
    ledger: lines,
    async ended() {
      await waitUntil(async () => (await findRun(db, 'r1'))?.finishedAt, { what: 'the run to end', ms: 60_000 })
    },
    async written() {
      const log = (await readRunLog(db, 'r1', { after: 0, limit: 100 })).map(({ text }) => text)
      return { run: await findRun(db, 'r1'), audit: await listAudit(db, { run: 'r1', limit: 100 }), log }
    },
    async awake(name) {
      const beats = async () =>
        (
          await sql<{ at: Date }>`select heartbeat_at as at from replica where id = ${name}`.execute(db)
        ).rows[0]?.at.getTime() ?? 0
      const from = await beats()
      // Three beats of its lease: whatever it was doing when it was stopped has gone on long since.
      let seen = 0
      let last = from
      await waitUntil(
        async () => {
          const now = await beats()
          if (now !== last) [seen, last] = [seen + 1, now]
          return seen >= 3
        },
        { what: `${name} to be awake`, ms: 30_000 },
      )
    },
  }
}
