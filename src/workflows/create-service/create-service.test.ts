import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import type { Run } from '#model/run.ts'
import { createService } from '#services/create-service.ts'
import { retryRun, undoRun } from '#services/runs.ts'
import { startRun } from '#services/start-run.ts'
import { purgeArchive } from '#services/keep-archive.ts'
import { listAudit } from '#store/audit.ts'
import { findEntity } from '#store/entity.ts'
import { listRuns } from '#store/run.ts'
import { findService } from '#store/service.ts'
import { deploymentsIn } from '#workflows/deliver/history.ts'
import { type PlatformForTest, platformForTest, refusedWith } from '../../../testing/platform-for-test.ts'

let whole: PlatformForTest
const teardown: (() => unknown)[] = []
before(async () => {
  whole = await platformForTest({ after: (end) => void teardown.push(end) })
})
after(async () => {
  for (const end of teardown.toReversed()) await end()
})

test('answers become a repository, a release and a healthy deployment in the first environment', async () => {
  const run = await whole.service('hello')

  const { platform } = whole
  const [deployment] = await deploymentsIn(platform, { service: 'hello', environment: 'dev' })
  const repository = await platform.ports.gitHost.repositories.find({ owner: 'team-a', name: 'hello' })
  assert.equal(deployment?.outcome, 'healthy')
  assert.equal(deployment?.run, run.id)
  assert.equal(deployment?.requestedBy, 'dev')
  assert.equal(repository?.marker, run.id)
  assert.ok(await findEntity(platform.db, 'component:default/hello'))
  assert.deepEqual([...new Set(run.steps.map((step) => step.state))], ['succeeded'])
})

test('of two runs that want one name at once one wins; the other fails and touches nothing of it', async () => {
  const [mine, theirs] = await Promise.all([start('twins', {}), start('twins', { by: 'dev3', owner: 'team-b' })])
  const ends = await Promise.all([mine, theirs].map((run) => whole.ended(run.id, 'succeeded').catch(() => run)))

  const winner = ends.find((run) => run.state === 'succeeded')
  const loser = [mine, theirs].find((run) => run.id !== winner?.id)
  const row = await findService(whole.platform.db, 'twins')
  const [found] = (await listRuns(whole.platform.db, { service: 'twins', limit: 5 })).filter(
    ({ id }) => id === loser?.id,
  )
  assert.equal(row?.run, winner?.id)
  assert.equal(found?.error?.code, 'NAME_TAKEN')
  assert.equal(
    await whole.platform.ports.gitHost.repositories.find({ owner: loser?.team ?? '', name: 'twins' }),
    undefined,
  )
  const live = await deploymentsIn(whole.platform, { service: 'twins', environment: 'dev' })
  assert.deepEqual(
    live.map((deployment) => deployment.run),
    [winner?.id],
  )
})

test('twenty equal requests with one key are one run; another request with it is refused', async () => {
  const caller = await whole.caller('dev')
  const request = { template: 'tiny', service: 'once', owner: 'team-a', answers: {} }

  const { template, service, owner, answers } = request
  const input = { template, service, owner, answers }
  const wanted = {
    workflow: 'create-service' as const,
    actor: 'dev',
    service,
    team: owner,
    input,
    idempotencyKey: 'key-1',
  }
  const runs = await Promise.all(Array.from({ length: 20 }, () => startRun(whole.platform, wanted)))
  await whole.ended(runs[0]?.id ?? '', 'succeeded')
  const late = await createService(whole.platform, caller, { request, idempotencyKey: 'key-1' })
  const other = { ...request, service: 'twice' }

  assert.deepEqual([...new Set([...runs, late].map((run) => run.id))], [late.id])
  await refusedWith(
    'IDEMPOTENCY_CONFLICT',
    createService(whole.platform, caller, { request: other, idempotencyKey: 'key-1' }),
  )
})

test('undo of a failed run removes its repository, name, catalog entry and deployment, and frees the name', async () => {
  const failed = await failing('gone', 'Fails to start.')

  const undo = await undoRun(whole.platform, await whole.caller('dev'), failed.id)
  const ended = await whole.ended(undo.id, 'succeeded')

  const { platform } = whole
  assert.equal(await findService(platform.db, 'gone'), undefined)
  assert.equal(await findEntity(platform.db, 'component:default/gone'), undefined)
  assert.deepEqual(await deploymentsIn(platform, { service: 'gone', environment: 'dev' }, 1), [])
  assert.deepEqual(
    walkedOf(ended).flatMap((walked) => (walked.undone ? [] : [walked.step])),
    ['open-change', 'attest-image', 'publish', 'build'],
  )
  await start('gone', { by: 'dev3', owner: 'team-b' })
})

test('upkeep deletes the archived repository of an undone run when its seven days are over, not before, and records for whom', async () => {
  const failed = await failing('old', 'Fails to start.')
  const undo = await undoRun(whole.platform, await whole.caller('dev'), failed.id)
  const ended = await whole.ended(undo.id, 'succeeded')
  const { platform } = whole

  const archived = async () =>
    (await platform.ports.gitHost.repositories.archived()).filter(({ marker }) => marker === failed.id)
  const days = (count: number) => new Date(Date.now() + count * 86_400_000)
  assert.deepEqual(await purgeArchive(platform, days(6.9)), [])
  assert.equal((await archived()).length, 1)
  assert.deepEqual(await purgeArchive(platform, days(7.1)), ['team-a/gone', 'team-a/old'])
  assert.deepEqual(await archived(), [])
  const records = await listAudit(platform.db, { action: 'repository.purge', run: failed.id, limit: 9 })
  assert.deepEqual(
    records.map(({ phase, onBehalfOf }) => [phase, onBehalfOf]),
    [
      ['outcome', 'dev'],
      ['intent', 'dev'],
    ],
  )
  const repository = walkedOf(ended).find(({ step }) => step === 'create-repository')
  assert.ok(repository?.reason.includes(days(7).toISOString().slice(0, 10)), repository?.reason)
})

test('undo keeps a repository with commits of somebody, with its name and catalog entry, and says why', async () => {
  const failed = await failing('kept', 'Fails to build.')
  await whole.push({ repo: { owner: 'team-a', name: 'kept' }, by: 'dev2', write: { 'notes.md': 'mine' } })

  const undo = await undoRun(whole.platform, await whole.caller('dev'), failed.id)
  const ended = await whole.ended(undo.id, 'succeeded')

  const kept = walkedOf(ended).filter((one) => !one.undone)
  assert.deepEqual(
    kept.map((one) => one.step),
    ['build', 'register-catalog', 'protect-branch', 'push-skeleton', 'create-repository', 'reserve-name'],
  )
  for (const one of kept.slice(1)) assert.match(one.reason, /commits of its own/)
  assert.equal((await findService(whole.platform.db, 'kept'))?.owner, 'team-a')
  await refusedWith('RUN_NOT_RETRYABLE', retryRun(whole.platform, await whole.caller('dev'), failed.id))
})

function walkedOf(undo: Run) {
  return z.array(z.object({ step: z.string(), undone: z.boolean(), reason: z.string() })).parse(undo.result?.['walked'])
}

async function start(service: string, { by = 'dev', owner = 'team-a', answers = {} }): Promise<Run> {
  return createService(whole.platform, await whole.caller(by), {
    request: { template: 'tiny', service, owner, answers },
  })
}

async function failing(service: string, description: string): Promise<Run> {
  return whole.ended((await start(service, { answers: { description } })).id, 'failed')
}
