import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import pino from 'pino'
import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import type { Run, RunState } from '#model/run.ts'
import { listAudit } from '#store/audit.ts'
import { findRun, readRunLog } from '#store/run.ts'
import { inTransaction } from '#store/transaction.ts'
import { testDatabase } from '../../../testing/database.ts'
import { waitUntil } from '../../../testing/wait-until.ts'
import type { Platform } from '../platform.ts'
import { startEngine } from './engine.ts'
import { defineStep } from './step.ts'
import { defineWorkflow } from './workflow.ts'

// One engine per process: DBOS is a singleton. What the steps of the test workflow do is told by the run's input.
let platform: Platform
const done: string[] = []
const broken = new Set<string>()
const cutOff = new Set<string>()
const teardown: (() => unknown)[] = []

const noteStep = (name: string) =>
  defineStep({
    name,
    title: `Note ${name}`,
    input: z.object({ id: z.string() }),
    output: z.object({ noted: z.string() }),
    external: true,
    describe: () => `${name} noted`,
    async run({ log }, { id }) {
      log(`noting ${name}`)
      if (cutOff.delete(`${id}:${name}`)) await sql`select pg_terminate_backend(pg_backend_pid())`.execute(platform.db)
      if (broken.has(`${id}:${name}`)) throw new PlatformError('GIT_FAILED', `${name} is broken`, { hint: 'mend it' })
      done.push(`${id}:${name}`)
      return { noted: name }
    },
  })

const [first, second, third] = [noteStep('first'), noteStep('second'), noteStep('third')]

const workflow = defineWorkflow({
  name: 'promote',
  input: z.object({ id: z.string(), waits: z.boolean().default(false) }),
  steps: [first, second, third],
  async run(flow, { id, waits }) {
    await flow.step(first, { id })
    await flow.step(second, { id })
    const place = { environment: 'staging', result: { id } }
    return waits ? { state: 'waiting', waitingFor: 'somebody', ...place } : { state: 'delivering', ...place }
  },
  async deliver(flow) {
    const { id } = z.object({ id: z.string() }).parse(await flow.result())
    await flow.step(third, { id })
    return { state: 'succeeded', result: { delivered: true } }
  },
})

before(async () => {
  const { url, db, pool } = await testDatabase({ after: (end) => void teardown.push(end as () => unknown) })
  const events = { publish: async () => {}, hint: () => {} }
  platform = { db, pool, events, log: pino({ level: 'silent' }) } as unknown as Platform
  await startEngine({ databaseUrl: url, executor: 'test', platform, workflows: [workflow] })
  teardown.push(() => platform.engine.stop())
})

after(async () => {
  for (const end of teardown.toReversed()) await end()
})

test('a run goes through its steps once, hands over to its delivery and succeeds', async () => {
  await start('plain', {})

  const run = await ended('plain', 'succeeded')

  assert.deepEqual(
    done.filter((entry) => entry.startsWith('plain:')),
    ['plain:first', 'plain:second', 'plain:third'],
  )
  assert.deepEqual(run.result, { id: 'plain', delivered: true })
  assert.equal(run.environment, 'staging')
  assert.deepEqual(
    run.steps.map((step) => [step.name, step.state, step.attempt]),
    [
      ['first', 'succeeded', 1],
      ['second', 'succeeded', 1],
      ['third', 'succeeded', 1],
    ],
  )
})

test('a failed run says its step and cause, and a retry goes on from there under the same id', async () => {
  broken.add('mended:second')
  await start('mended', {})
  const failed = await ended('mended', 'failed')
  broken.clear()

  await platform.engine.retry(failed)
  const run = await ended('mended', 'succeeded')

  assert.equal(failed.error?.code, 'GIT_FAILED')
  assert.equal(failed.error?.hint, 'mend it')
  assert.equal(done.filter((entry) => entry === 'mended:first').length, 1)
  assert.equal(run.steps.find((step) => step.name === 'second')?.attempt, 2)
})

test('a retry of what failed behind a wait repeats nothing before it', async () => {
  broken.add('late:third')
  await start('late', {})
  const failed = await ended('late', 'failed')
  broken.clear()

  await platform.engine.retry(failed)
  await ended('late', 'succeeded')

  assert.deepEqual(
    done.filter((entry) => entry.startsWith('late:')),
    ['late:first', 'late:second', 'late:third'],
  )
})

test('a waiting run costs nothing until it is delivered, and two deliveries are one', async () => {
  await start('parked', { waits: true })
  const parked = await ended('parked', 'waiting')

  for (let turn = 0; turn < 2; turn++) {
    await inTransaction(platform.pool, (tx, client) => platform.engine.deliver(tx, client, parked))
  }
  await ended('parked', 'succeeded')

  assert.equal(parked.waitingFor, 'somebody')
  assert.equal(done.filter((entry) => entry === 'parked:third').length, 1)
})

test('a database that goes away in a step costs the run nothing: the step is done again, and the log says so', async () => {
  cutOff.add('outage:second')
  await start('outage', {})

  const run = await ended('outage', 'succeeded')

  const records = await listAudit(platform.db, { run: 'outage', limit: 20 })
  assert.deepEqual(
    run.steps.map((step) => step.attempt),
    [1, 2, 1],
  )
  assert.deepEqual(
    records
      .filter(({ action }) => action === 'run.second')
      .toReversed()
      .map(({ phase, detail }) => [phase, detail['attempt']]),
    [
      ['intent', 1],
      ['intent', 2],
      ['outcome', 2],
    ],
  )
})

test('a checkpoint that was damaged parks its run with a reason, and others go on', async () => {
  broken.add('damaged:second')
  await start('damaged', {})
  const failed = await ended('damaged', 'failed')
  broken.clear()

  const { numAffectedRows } = await sql`
    update dbos.operation_outputs set output = '{ no checkpoint' where workflow_uuid = 'damaged' and function_name = 'first'`.execute(
    platform.db,
  )
  await platform.engine.retry(failed)
  const parked = await waitUntil(
    async () => {
      const run = await findRun(platform.db, 'damaged')
      return run?.state === 'failed' && run.error?.code !== 'GIT_FAILED' ? run : undefined
    },
    { what: 'the run to be parked again', ms: 20_000 },
  )
  await start('bystander', {})
  await ended('bystander', 'succeeded')

  assert.equal(numAffectedRows, 1n)
  assert.equal(parked.error?.code, 'STEP_FAILED')
  assert.match(parked.error?.detail ?? '', /cannot be read/)
  assert.equal(done.filter((entry) => entry.startsWith('damaged:')).length, 1)
})

test('a run that was not committed was never started', async () => {
  const attempt = inTransaction(platform.pool, async (tx, client) => {
    await platform.engine.start(tx, client, newRun('vanished', {}))
    throw new Error('changed my mind')
  })

  await assert.rejects(attempt, /changed my mind/)
  await start('witness', {})
  await ended('witness', 'succeeded')

  assert.equal(await findRun(platform.db, 'vanished'), undefined)
  assert.equal(
    done.some((entry) => entry.startsWith('vanished:')),
    false,
  )
})

test('each attempt at an external effect leaves an intent before it and an outcome after it, with its number', async () => {
  broken.add('told:second')
  await start('told', {})
  await ended('told', 'failed')
  broken.clear()
  await platform.engine.retry((await findRun(platform.db, 'told')) as Run)
  await ended('told', 'succeeded')

  const records = await listAudit(platform.db, { run: 'told', limit: 10 })
  const log = await readRunLog(platform.db, 'told', { after: 0, limit: 10 })

  assert.deepEqual(
    records.toReversed().map(({ action, phase, result, detail }) => [action, phase, result, detail['attempt']]),
    [
      ['run.first', 'intent', undefined, 1],
      ['run.first', 'outcome', 'ok', 1],
      ['run.second', 'intent', undefined, 1],
      ['run.second', 'outcome', 'failed', 1],
      ['run.second', 'intent', undefined, 2],
      ['run.second', 'outcome', 'ok', 2],
      ['run.third', 'intent', undefined, 1],
      ['run.third', 'outcome', 'ok', 1],
    ],
  )
  assert.deepEqual(
    log.map((line) => line.text),
    ['noting first', 'noting second', 'second is broken', 'noting second', 'noting third'],
  )
})

function newRun(id: string, { waits = false }: { waits?: boolean }) {
  const steps = workflow.steps.map(({ name, title }) => ({ name, title }))
  return {
    id,
    workflow: 'promote' as const,
    service: id,
    environment: 'staging',
    requestedBy: 'dev',
    input: { id, waits },
    steps,
  }
}

function start(id: string, options: { waits?: boolean }): Promise<boolean> {
  return inTransaction(platform.pool, (tx, client) => platform.engine.start(tx, client, newRun(id, options)))
}

function ended(id: string, state: RunState): Promise<Run> {
  return waitUntil(
    async () => {
      const run = await findRun(platform.db, id)
      return run?.state === state ? run : undefined
    },
    { what: `run ${id} to be ${state}`, ms: 20_000 },
  )
}
