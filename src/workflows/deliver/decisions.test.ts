import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { deliveryRepo } from '#model/names.ts'
import type { Run, RunState } from '#model/run.ts'
import { promoteService } from '#services/promote-service.ts'
import { reviewChange } from '#services/review-changes.ts'
import { releaseRunId } from '#services/start-run.ts'
import { listAudit } from '#store/audit.ts'
import { findRun, listRuns } from '#store/run.ts'
import { type PlatformForTest, platformForTest, refusedWith } from '../../../testing/platform-for-test.ts'
import { waitUntil } from '../../../testing/wait-until.ts'
import { deploymentsIn } from './history.ts'

const repo = { owner: 'team-a', name: 'shop' }
const production = { service: 'shop', environment: 'production' }
let whole: PlatformForTest
const teardown: (() => unknown)[] = []
before(async () => {
  whole = await platformForTest({ after: (end) => void teardown.push(end) })
  await whole.service('shop')
  await whole.ended((await promote('staging')).id, 'succeeded')
})
after(async () => {
  for (const end of teardown.toReversed()) await end()
})

test('of five promotions to one place at one moment the newest waits; the others are superseded, their requests closed', async () => {
  const asked = await Promise.all(Array.from({ length: 5 }, () => promote('production')))
  const runs = await Promise.all(asked.map((run) => standing(run.id, ['waiting', 'superseded'])))
  await waitUntil(async () => (await states(runs)).filter((state) => state === 'waiting').length === 1, {
    what: 'one promotion to wait',
    ms: 60_000,
  })

  const newest = runs.toSorted((a, b) => (a.startedAt + a.id < b.startedAt + b.id ? 1 : -1))[0]
  const waiting = (await Promise.all(runs.map((run) => findRun(whole.platform.db, run.id)))).filter(
    (run) => run?.state === 'waiting',
  )
  const open = await waitUntil(
    async () => {
      const found = await whole.platform.ports.gitHost.changes.list({ repo: deliveryRepo, state: 'open', limit: 50 })
      return found.length === 1 ? found : undefined
    },
    { what: 'all requests but one to be closed', ms: 120_000 },
  )
  assert.deepEqual(
    waiting.map((run) => run?.id),
    [newest?.id],
  )
  assert.deepEqual(
    open.map(({ head }) => head),
    [`fairway/${newest?.id}`],
  )
})

test('forty clicks of approve and reject at one moment are one decision: one deployment, or none', async () => {
  const run = await waitingRun()
  const clicks = Array.from({ length: 40 }, (_, index) =>
    click(run, index % 3 ? 'dev2' : 'platform', index % 5 === 0 ? 'reject' : 'approve'),
  )
  const answers = await Promise.allSettled(clicks)
  const ended = await standing(run.id, ['succeeded', 'failed', 'waiting'], async () => {
    const { state } = (await findRun(whole.platform.db, run.id)) ?? {}
    return state !== 'queued' && state !== 'running'
  })

  const deployed = (await deploymentsIn(whole.platform, production)).filter((past) => past.run === run.id)
  const merges = await listAudit(whole.platform.db, { run: run.id, action: 'run.merge-change', limit: 50 })
  const recorded = await listAudit(whole.platform.db, { run: run.id, limit: 500 })
  const clicked = recorded.filter(({ action, result }) => /^change\.(approve|reject)$/.test(action) && result === 'ok')
  assert.equal(deployed.length, ended.state === 'succeeded' ? 1 : 0, `${ended.state} ${JSON.stringify(ended.error)}`)
  assert.equal(merges.filter(({ result }) => result === 'ok').length, deployed.length)
  assert.equal(clicked.length, answers.filter(({ status }) => status === 'fulfilled').length)
  for (const answer of answers)
    if (answer.status === 'rejected')
      assert.match((answer.reason as { code: string }).code, /^(CHANGE_CLOSED|CONFLICT)$/)
})

test('a release waits where the first environment asks for an approval, and a newer push replaces it', async () => {
  const { settings } = whole.platform
  Object.assign(whole.platform, { settings: strict(settings) })
  try {
    const older = await whole.push({ repo, by: 'dev', write: { 'notes.md': 'one' } })
    await whole.ended(releaseRunId('shop', older), 'waiting')
    const newer = await whole.push({ repo, by: 'dev', write: { 'notes.md': 'two' } })
    const run = await whole.ended(releaseRunId('shop', newer), 'waiting')

    await refusedWith('SELF_APPROVAL', click(run, 'dev', 'approve'))
    await click(run, 'dev2', 'approve')
    await whole.ended(run.id, 'succeeded')

    const [now] = await deploymentsIn(whole.platform, { service: 'shop', environment: 'dev' })
    assert.equal(now?.sourceCommit, newer)
    assert.deepEqual(now?.approvedBy, ['dev2'])
    assert.equal((await findRun(whole.platform.db, releaseRunId('shop', older)))?.state, 'superseded')
  } finally {
    Object.assign(whole.platform, { settings })
  }
})

test('a run that waits for a request which somebody closed at the host ends by itself, and says so', async () => {
  const commit = await whole.push({ repo, by: 'dev', write: { 'notes.md': 'three' } })
  await whole.ended(releaseRunId('shop', commit), 'succeeded')
  await whole.ended((await promote('staging')).id, 'succeeded')
  const run = await standing((await promote('production')).id, ['waiting'])

  await whole.platform.ports.gitHost.changes.close(deliveryRepo, numberOf(run), 'closed past the platform')

  assert.equal((await standing(run.id, ['cancelled'])).waitingFor, undefined)
})

/** The settings of the platform with an approval for the first environment. */
function strict(settings: PlatformForTest['platform']['settings']): PlatformForTest['platform']['settings'] {
  return async () => {
    const found = await settings()
    const environments = found.environments.map((environment, index) =>
      index > 0 ? environment : { ...environment, spec: { ...environment.spec, approval: 'non-contributor' as const } },
    )
    return { ...found, environments }
  }
}

async function promote(to: string): Promise<Run> {
  return promoteService(whole.platform, await whole.caller('dev'), { request: { service: 'shop', to } })
}

async function states(runs: readonly Run[]): Promise<(RunState | undefined)[]> {
  return Promise.all(runs.map(async (run) => (await findRun(whole.platform.db, run.id))?.state))
}

async function waitingRun(): Promise<Run> {
  const found = await listRuns(whole.platform.db, { state: 'waiting', service: 'shop', limit: 5 })
  assert.equal(found.length, 1)
  return found[0] as Run
}

function standing(
  id: string,
  wanted: readonly RunState[],
  when: () => Promise<boolean> = async () => true,
): Promise<Run> {
  return waitUntil(
    async () => {
      const run = await findRun(whole.platform.db, id)
      return run && wanted.includes(run.state) && (await when()) ? run : undefined
    },
    { what: `run ${id} to be ${wanted.join(' or ')}`, ms: 90_000 },
  )
}

function numberOf(run: Run): number {
  return z.object({ handOver: z.object({ number: z.int() }) }).parse(run.result).handOver.number
}

async function click(run: Run, by: string, decision: 'approve' | 'reject') {
  const place = { repo: deliveryRepo, number: numberOf(run) }
  const head = (await whole.platform.ports.gitHost.changes.find(deliveryRepo, place.number))?.headCommit ?? ''
  return reviewChange(whole.platform, await whole.caller(by), { place, decision, head, comment: '' })
}
