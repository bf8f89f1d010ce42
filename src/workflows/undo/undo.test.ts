import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { deliveryRepo } from '#model/names.ts'
import type { Run } from '#model/run.ts'
import { deliveryPlace } from '#render/delivery-place.ts'
import { createService } from '#services/create-service.ts'
import { promoteService, rollbackService } from '#services/promote-service.ts'
import { reviewChange } from '#services/review-changes.ts'
import { cancelRun, previewUndo, retryRun, undoRun } from '#services/runs.ts'
import { releaseRunId } from '#services/start-run.ts'
import { listAudit } from '#store/audit.ts'
import { findRun } from '#store/run.ts'
import { workflows } from '#workflows/all.ts'
import { deploymentsIn } from '#workflows/deliver/history.ts'
import { type PlatformForTest, platformForTest, refusedWith } from '../../../testing/platform-for-test.ts'
import { waitUntil } from '../../../testing/wait-until.ts'

const dev = { service: 'shop', environment: 'dev' }
const repo = { owner: 'team-a', name: 'shop' }
let whole: PlatformForTest
const teardown: (() => unknown)[] = []
before(async () => {
  whole = await platformForTest({ after: (end) => void teardown.push(end) })
  await whole.service('shop')
})
after(async () => {
  for (const end of teardown.toReversed()) await end()
})

test('every step with an effect outside says how it is taken back, or why it stays', () => {
  const silent = workflows
    .filter((workflow) => ['create-service', 'release', 'promote', 'rollback', 'adopt-service'].includes(workflow.name))
    .flatMap((workflow) => workflow.steps.map((step) => ({ ...step, workflow: workflow.name })))
    .filter((step) => step.external && !step.undo)

  assert.deepEqual(
    silent.map((step) => `${step.workflow}: ${step.name}`),
    [],
  )
})

test('undo of a release whose rollout failed brings back what ran, by a commit on top, and keeps image and release', async () => {
  const [good] = await deploymentsIn(whole.platform, dev)
  const failed = await brokenRelease()
  const [bad] = await deploymentsIn(whole.platform, dev)
  const plan = await previewUndo(whole.platform, await whole.caller('dev2'), failed.id)
  const untouched = await deploymentsIn(whole.platform, dev)

  const undo = await undone(failed)

  const [now, before] = await deploymentsIn(whole.platform, dev)
  const { files } = whole.platform.ports.gitHost
  const [commit] = await files.history(deliveryRepo, { ref: now?.commit ?? '', limit: 1 })
  const path = deliveryPlace('shop', 'dev')
  assert.equal(untouched[0]?.commit, bad?.commit)
  assert.equal(before?.commit, bad?.commit)
  assert.deepEqual(commit?.parents, [bad?.commit])
  assert.equal(
    await files.tree(deliveryRepo, now?.commit ?? '', path),
    await files.tree(deliveryRepo, good?.commit ?? '', path),
  )
  assert.deepEqual(Object.fromEntries(commit?.trailers ?? []), {
    'Run-Id': undo.id,
    Release: good?.version,
    Verdict: now?.verdict,
    'Requested-by': 'dev2',
    Reverts: bad?.commit,
  })
  assert.equal(now?.outcome, 'healthy')
  assert.deepEqual(fates(undo), {
    'merge-change': 'undone',
    'open-change': 'kept',
    'record-release': 'kept',
    'attest-image': 'kept',
    publish: 'kept',
    build: 'kept',
  })
  assert.deepEqual(
    plan.map(({ step, willUndo }) => [step, willUndo ? 'undone' : 'kept']),
    Object.entries(fates(undo)),
  )
  assert.equal((await findRun(whole.platform.db, failed.id))?.state, 'undone')
  await refusedWith('RUN_NOT_UNDOABLE', undoRun(whole.platform, await whole.caller('dev2'), failed.id))
})

test('undo keeps a deployment that somebody replaced since, and says so', async () => {
  const failed = await brokenRelease()
  const fix = await whole.push({ repo, by: 'dev', write: { 'server.js': await working() } })
  await whole.ended(releaseRunId('shop', fix), 'succeeded')
  const [fixed] = await deploymentsIn(whole.platform, dev)

  const undo = await undone(failed)

  const [now] = await deploymentsIn(whole.platform, dev)
  assert.equal(now?.commit, fixed?.commit)
  assert.match(reasonOf(undo, 'merge-change'), /deployed to dev again since/)
})

test('undo of a promotion that waits closes its request and deletes its branch; nobody can approve it any more', async () => {
  await whole.ended((await promote('staging')).id, 'succeeded')
  const waiting = await whole.ended((await promote('production')).id, 'waiting')
  const { changes, files } = whole.platform.ports.gitHost
  const number = z.object({ handOver: z.object({ number: z.int() }) }).parse(waiting.result).handOver.number
  const head = (await changes.find(deliveryRepo, number))?.headCommit ?? ''

  const undo = await undone(waiting)

  const place = { repo: deliveryRepo, number }
  const request = { place, decision: 'approve' as const, head, comment: '' }
  await refusedWith('CHANGE_CLOSED', reviewChange(whole.platform, await whole.caller('dev2'), request))
  assert.equal((await changes.find(deliveryRepo, number))?.state, 'closed')
  assert.equal(await files.resolve(deliveryRepo, `refs/heads/fairway/${waiting.id}`), undefined)
  assert.equal((await findRun(whole.platform.db, waiting.id))?.state, 'undone')
  assert.deepEqual(fates(undo), { 'open-change': 'undone', supersede: 'kept' })
  assert.deepEqual(await deploymentsIn(whole.platform, { ...dev, environment: 'production' }), [])
})

test('an approval and an undo of the same waiting promotion at one moment: one of them wins', async () => {
  for (let round = 0; round < 3; round++) {
    const waiting = await whole.ended((await promote('production')).id, 'waiting')
    const [undo, approval] = await Promise.allSettled([
      undoRun(whole.platform, await whole.caller('dev'), waiting.id),
      approve(waiting, 'dev2'),
    ])
    const ended = await settled(waiting.id)
    const production = await deploymentsIn(whole.platform, { ...dev, environment: 'production' })
    if (undo.status === 'fulfilled') await whole.ended(undo.value.id, 'succeeded')
    else assert.equal((undo.reason as PlatformError).code, 'RUN_NOT_UNDOABLE')
    assert.ok(undo.status === 'fulfilled' || approval.status === 'fulfilled')
    assert.equal(
      production.some(({ run }) => run === waiting.id),
      ended.state === 'succeeded',
      ended.state,
    )
    assert.equal(undo.status === 'fulfilled', ended.state !== 'succeeded')
    if (ended.state === 'succeeded') return // what is there already is not promoted again
  }
})

test('undo of a rollback that failed brings back what the rollback had replaced', async () => {
  const [current] = await deploymentsIn(whole.platform, dev)
  const broken = (await deploymentsIn(whole.platform, dev)).find(({ outcome }) => outcome === 'failed')
  const request = { service: 'shop', environment: 'dev', reason: 'by mistake', to: broken?.commit ?? '' }
  const rollback = await rollbackService(whole.platform, await whole.caller('dev'), { request })
  const failed = await whole.ended(rollback.id, 'failed')

  const undo = await undone(failed)

  const [now] = await deploymentsIn(whole.platform, dev)
  assert.equal(now?.version, current?.version)
  assert.equal(now?.outcome, 'healthy')
  assert.equal(fates(undo)['merge-change'], 'undone')
})

test('what succeeded has no undo, and the refusal names what there is instead', async () => {
  const commit = await whole.push({ repo, by: 'dev', write: { 'notes.md': 'fine' } })
  const run = await whole.ended(releaseRunId('shop', commit), 'succeeded')

  const refused = await refusedWith('RUN_NOT_UNDOABLE', undoRun(whole.platform, await whole.caller('dev'), run.id))
  const stranger = undoRun(whole.platform, await whole.caller('dev3'), run.id)

  assert.match(refused.hint ?? '', /fairway rollback shop --env dev/)
  await refusedWith('NOT_ALLOWED', stranger)
})

test('an undo that was cut off goes on where it stood, and repeats nothing', async () => {
  const answers = { description: 'Fails to start.' }
  const request = { template: 'tiny', service: 'cut', owner: 'team-a', answers }
  const failed = await whole.ended(
    (await createService(whole.platform, await whole.caller('dev'), { request })).id,
    'failed',
  )
  const { repositories } = whole.platform.ports.gitHost
  const { archive } = repositories
  repositories.archive = async () => {
    throw new PlatformError('GIT_FAILED', 'the disk is full')
  }
  const undo = await undoRun(whole.platform, await whole.caller('dev'), failed.id)
  const stuck = await whole.ended(undo.id, 'failed')
  repositories.archive = archive

  await refusedWith('RUN_NOT_RETRYABLE', retryRun(whole.platform, await whole.caller('dev'), failed.id))
  const again = await undoRun(whole.platform, await whole.caller('dev'), failed.id)
  const ended = await whole.ended(undo.id, 'succeeded')

  const attempts = Object.fromEntries(ended.steps.map((step) => [step.name, step.attempt]))
  assert.equal(stuck.error?.code, 'GIT_FAILED')
  assert.equal(again.id, undo.id)
  assert.equal(attempts['undo-merge-change'], 1)
  assert.ok((attempts['undo-create-repository'] ?? 0) > 1)
  assert.equal(await repositories.find({ owner: 'team-a', name: 'cut' }), undefined)
  const records = await listAudit(whole.platform.db, { run: undo.id, action: 'run.undo-merge-change', limit: 9 })
  assert.deepEqual(
    records.map(({ phase }) => phase),
    ['outcome', 'intent'],
  )
})

for (const step of ['build', 'open-change', 'watch-rollout'])
  test(`a run that is cancelled in its step ${step} ends there as cancelled, and undo leaves nothing of it`, async () => {
    const name = `ended-${step}`
    const release = hold(step)
    const request = { template: 'tiny', service: name, owner: 'team-a', answers: {} }
    const started = await createService(whole.platform, await whole.caller('dev'), { request })
    await during(started, step)

    await refusedWith('NOT_ALLOWED', cancelRun(whole.platform, await whole.caller('dev3'), started.id))
    await refusedWith('RUN_NOT_UNDOABLE', undoRun(whole.platform, await whole.caller('dev'), started.id))
    await cancelRun(whole.platform, await whole.caller('dev2'), started.id)
    release()
    const ended = await whole.ended(started.id, 'cancelled')
    const undo = await undone(ended)

    const { gitHost } = whole.platform.ports
    const after = ended.steps.slice(ended.steps.findIndex(({ name: one }) => one === step) + 1)
    assert.equal(ended.error?.code, 'RUN_CANCELLED')
    assert.match(ended.error?.detail ?? '', /dev2/)
    const begun = after.filter(({ state, error }) => state !== 'pending' && error?.code !== 'RUN_CANCELLED')
    assert.deepEqual(begun, [], 'nothing behind it was done')
    assert.equal((await findRun(whole.platform.db, started.id))?.state, 'undone')
    assert.equal(await gitHost.repositories.find({ owner: 'team-a', name }), undefined)
    assert.equal((await gitHost.changes.findByHead(deliveryRepo, `fairway/${started.id}`))?.state === 'open', false)
    assert.deepEqual(await deploymentsIn(whole.platform, { service: name, environment: 'dev' }, 1), [])
    await refusedWith('RUN_NOT_CANCELLABLE', cancelRun(whole.platform, await whole.caller('dev'), undo.id))
  })

/** Holds the next run in a step, at its port, until released. */
function hold(step: string): () => void {
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const { ci, gitHost, delivery } = whole.platform.ports
  const slow = <T extends object, K extends keyof T>(object: T, name: K) => {
    const original = object[name] as (...args: unknown[]) => Promise<unknown>
    const waiting = async (...args: unknown[]) => {
      await held
      return original.apply(object, args)
    }
    object[name] = waiting as T[K]
    void held.then(() => (object[name] = original as T[K]))
  }
  if (step === 'build') slow(ci, 'build')
  if (step === 'open-change') slow(gitHost.changes, 'propose')
  if (step === 'watch-rollout') slow(delivery, 'status')
  return release
}

async function during(run: Run, step: string): Promise<void> {
  const isThere = async () => {
    const found = await findRun(whole.platform.db, run.id)
    assert.equal(found?.finishedAt, undefined, JSON.stringify(found?.error))
    return found?.steps.some(({ name, state }) => name === step && state === 'running')
  }
  await waitUntil(isThere, { what: `run ${run.id} to be at ${step}`, ms: 120_000 })
}

async function brokenRelease(): Promise<Run> {
  const commit = await whole.push({
    repo,
    by: 'dev',
    write: { 'server.js': `process.exit(${Math.random()} > 2 ? 0 : 1)\n` },
  })
  return whole.ended(releaseRunId('shop', commit), 'failed')
}

async function working(): Promise<string> {
  const [first] = (await whole.platform.ports.gitHost.files.history(repo, { ref: 'main', limit: 100 })).slice(-1)
  return (await whole.platform.ports.gitHost.files.read(repo, first?.commit ?? '', 'server.js')) ?? ''
}

async function undone(run: Run): Promise<Run> {
  const undo = await undoRun(whole.platform, await whole.caller('dev2'), run.id)
  return whole.ended(undo.id, 'succeeded')
}

async function approve(run: Run, by: string) {
  const { number } = z.object({ handOver: z.object({ number: z.int() }) }).parse(run.result).handOver
  const head = (await whole.platform.ports.gitHost.changes.find(deliveryRepo, number))?.headCommit ?? ''
  const request = { place: { repo: deliveryRepo, number }, decision: 'approve' as const, head, comment: '' }
  return reviewChange(whole.platform, await whole.caller(by), request)
}

function settled(id: string): Promise<Run> {
  return waitUntil(
    async () => {
      const run = await findRun(whole.platform.db, id)
      return run && ['succeeded', 'undone', 'failed'].includes(run.state) ? run : undefined
    },
    { what: `run ${id} to settle`, ms: 60_000 },
  )
}

async function promote(to: string): Promise<Run> {
  return promoteService(whole.platform, await whole.caller('dev'), { request: { service: 'shop', to } })
}

const Walked = z.array(z.object({ step: z.string(), undone: z.boolean(), reason: z.string() }))

function fates(undo: Run): Record<string, string> {
  const walked = Walked.parse(undo.result?.['walked'])
  return Object.fromEntries(walked.map(({ step, undone: gone }) => [step, gone ? 'undone' : 'kept']))
}

function reasonOf(undo: Run, step: string): string {
  return Walked.parse(undo.result?.['walked']).find((walked) => walked.step === step)?.reason ?? ''
}
