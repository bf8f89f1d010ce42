import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PlatformError } from '#errors/platform-error.ts'
import { deliveryRepo } from '#model/names.ts'
import type { Run } from '#model/run.ts'
import { createService } from '#services/create-service.ts'
import { promoteService, rollbackService } from '#services/promote-service.ts'
import { undoRun } from '#services/runs.ts'
import { releaseRunId, startRun } from '#services/start-run.ts'
import { openDatabase } from '#store/database.ts'
import { listRuns } from '#store/run.ts'
import { deploymentsIn } from '#workflows/deliver/history.ts'
import { type CuttingProxy, cuttingProxy } from '../../../testing/cutting-proxy.ts'
import { type PlatformForTest, platformForTest } from '../../../testing/platform-for-test.ts'

const repo = { owner: 'team-a', name: 'shop' }
let whole: PlatformForTest
let git: CuttingProxy
const lostCalls: string[] = []
const teardown: (() => unknown)[] = []
const hooks = { after: (end: () => unknown) => void teardown.push(end) }
before(async () => {
  whole = await platformForTest(hooks)
  await throughProxy()
})
after(async () => {
  for (const end of teardown.toReversed()) await end()
})

// Every push loses its first answer, and so does every call that makes, merges, closes or archives something.
test('a create-service, a release, a promotion and a rollback whose every answer is lost once have each effect once', async () => {
  const created = await whole.service('shop')
  const pushed = await whole.push({ repo, by: 'dev', write: { 'notes.md': 'new' } })
  const released = await whole.ended(releaseRunId('shop', pushed), 'succeeded')
  const asked = { request: { service: 'shop', to: 'staging' } }
  const promoted = await whole.ended(
    (await promoteService(whole.platform, await whole.caller('dev'), asked)).id,
    'succeeded',
  )
  const back = { request: { service: 'shop', environment: 'dev', reason: 'tried' } }
  const rolled = await whole.ended(
    (await rollbackService(whole.platform, await whole.caller('dev'), back)).id,
    'succeeded',
  )

  const { gitHost } = whole.platform.ports
  const commits = await gitHost.files.history(repo, { ref: 'main', limit: 10 })
  assert.equal((await gitHost.repositories.find(repo))?.marker, created.id)
  assert.equal(commits.length, 2)
  for (const run of [created, released, promoted, rolled]) await hadOnce(run)
  assert.ok(git.lost() >= 5, `${git.lost()} pushes lost their answer`)
  for (const call of ['create', 'protect', 'propose', 'merge', 'check'])
    assert.ok(lostCalls.includes(call), `${call} never lost its answer`)
})

test('an undo whose every answer is lost once leaves nothing, and takes nothing back twice', async () => {
  const answers = { description: 'Fails to start.' }
  const request = { template: 'tiny', service: 'gone', owner: 'team-a', answers }
  const failed = await whole.ended(
    (await createService(whole.platform, await whole.caller('dev'), { request })).id,
    'failed',
  )
  const [before] = await whole.platform.ports.gitHost.files.history(deliveryRepo, { ref: 'main', limit: 1 })

  const undo = await undoRun(whole.platform, await whole.caller('dev'), failed.id)
  await whole.ended(undo.id, 'succeeded')

  const { gitHost } = whole.platform.ports
  const since = await gitHost.files.history(deliveryRepo, { ref: 'main', limit: 10, since: before?.commit ?? '' })
  const ours = since.filter(({ trailers }) => trailers.some(([key, value]) => key === 'Run-Id' && value === undo.id))
  assert.equal(ours.length, 1)
  assert.ok(lostCalls.includes('archive'))
  assert.equal(await gitHost.repositories.find({ owner: 'team-a', name: 'gone' }), undefined)
  const archived = (await gitHost.repositories.archived()).filter(({ marker }) => marker === failed.id)
  assert.equal(archived.length, 1)
})

// The database commits, or does not, and the connection ends before anybody hears of it.
for (const [what, answer, isThere] of [
  ['commits', 'COMMIT\0', true],
  ['has not committed', 'INSERT 0 1\0', false],
] as const)
  test(`a start whose connection ends when the database ${what} is one run for its Idempotency-Key`, async () => {
    const url = new URL(whole.platform.pool.options.connectionString ?? '')
    const proxy = await cuttingProxy(hooks, Number(url.port))
    url.port = String(proxy.port)
    const opened = openDatabase(url.href, { max: 2 })
    hooks.after(() => opened.close())
    const service = isThere ? 'committed' : 'uncommitted'
    const wanted = {
      workflow: 'create-service' as const,
      actor: 'dev',
      service,
      team: 'team-a',
      input: { template: 'tiny', service, owner: 'team-a', answers: {} },
      idempotencyKey: `key-${service}`,
    }
    const platform = { ...whole.platform, ...opened }
    proxy.cut((bytes) => proxy.lost() === 0 && bytes.includes(answer))

    await assert.rejects(startRun(platform, wanted))
    const after = await listRuns(whole.platform.db, { service, limit: 5 })
    const again = await startRun(platform, wanted)
    const late = await startRun(platform, wanted)

    const runs = await listRuns(whole.platform.db, { service, limit: 5 })
    assert.equal(proxy.lost(), 1)
    assert.equal(after.length, isThere ? 1 : 0)
    assert.deepEqual(
      runs.map(({ id }) => id),
      [again.id],
    )
    assert.equal(late.id, again.id)
    await whole.ended(again.id, 'succeeded')
  })

/** One change request, one deployment and one commit of a run, and one outcome for each intent of its effects. */
async function hadOnce(run: Run): Promise<void> {
  const { gitHost } = whole.platform.ports
  const changes = await gitHost.changes.list({ repo: deliveryRepo, limit: 100 })
  const place = { service: 'shop', environment: run.environment ?? '' }
  const deployments = await deploymentsIn(whole.platform, place)
  assert.equal(changes.filter(({ head }) => head === `fairway/${run.id}`).length, 1, run.workflow)
  assert.equal(deployments.filter((past) => past.run === run.id).length, 1, run.workflow)
}

/** From now on the platform reaches its Git host by a proxy, and its calls lose their first answer. */
async function throughProxy(): Promise<void> {
  const { gitHost } = whole.platform.ports
  const direct = gitHost.remote.bind(gitHost)
  git = await cuttingProxy(hooks, Number(new URL((await direct(repo)).url).port))
  gitHost.remote = async (of) => {
    const remote = await direct(of)
    return { ...remote, url: remote.url.replace(/:\d+\//, `:${git.port}/`) }
  }
  let turn = 0
  git.cut((bytes) => bytes.includes('x-git-receive-pack-result') && turn++ % 2 === 0)
  for (const call of ['create', 'protect', 'archive'] as const) losing(gitHost.repositories, call)
  for (const call of ['propose', 'merge', 'check', 'close'] as const) losing(gitHost.changes, call)
}

/** The work is done, the first answer to each different call is lost. */
function losing<T extends object, K extends keyof T & string>(object: T, name: K): void {
  const original = (object[name] as (...args: unknown[]) => Promise<unknown>).bind(object)
  const told = new Set<string>()
  const lossy = async (...args: unknown[]) => {
    const answer = await original(...args)
    const { at: _, ...call } = (args.at(-1) ?? {}) as Record<string, unknown>
    const key = JSON.stringify([...args.slice(0, -1), typeof args.at(-1) === 'object' ? call : args.at(-1)])
    if (told.has(key)) return answer
    told.add(key)
    lostCalls.push(name)
    throw new PlatformError('GIT_HOST_UNAVAILABLE', `the answer of ${name} was lost`)
  }
  object[name] = lossy as T[K]
}
