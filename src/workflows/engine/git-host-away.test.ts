import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PlatformError } from '#errors/platform-error.ts'
import { deliveryRepo, type RepoRef } from '#model/names.ts'
import type { Run } from '#model/run.ts'
import type { GitRemote } from '#ports/git-host.ts'
import { createService } from '#services/create-service.ts'
import { retryRun } from '#services/runs.ts'
import { findRun } from '#store/run.ts'
import { deploymentsIn } from '#workflows/deliver/history.ts'
import { cuttingProxy } from '../../../testing/cutting-proxy.ts'
import { type PlatformForTest, platformForTest } from '../../../testing/platform-for-test.ts'
import { waitUntil } from '../../../testing/wait-until.ts'

let whole: PlatformForTest
/** Whether every call and push finds nobody. */
let isAway = false
let bent: ((remote: GitRemote, of: RepoRef) => GitRemote) | undefined
const teardown: (() => unknown)[] = []
const hooks = { after: (end: () => unknown) => void teardown.push(end) }
before(async () => {
  whole = await platformForTest(hooks)
  await standBetween()
})
after(async () => {
  for (const end of teardown.toReversed()) await end()
})

test('a Git host that is away longer than a step has attempts ends no run: when it is back each ends, with each effect once', async () => {
  isAway = true
  const runs = await Promise.all(['shop', 'cart'].map(create))
  for (const { id } of runs) await failing(id, 6)
  isAway = false

  for (const { id } of runs) await whole.ended(id, 'succeeded')

  for (const run of runs) await hadOnce(run)
})

test('a push that the Git host refuses stops the run with the words of the host, and a retry goes on from there', async () => {
  const { token } = await whole.caller('dev')
  bent = (remote, { name }) => (name === deliveryRepo.name ? { ...remote, username: 'dev', password: token } : remote)
  const { id } = await create('push')
  const failed = await stopped(id)
  bent = undefined

  await retryRun(whole.platform, await whole.caller('dev'), id)
  await whole.ended(id, 'succeeded')

  assert.equal(failed.error?.code, 'GIT_HOST_UNAUTHORIZED')
  assert.match(failed.error?.detail ?? '', /dev may read fairway\/delivery but not push to it/)
  await hadOnce(failed)
})

async function create(service: string): Promise<Run> {
  const request = { template: 'tiny', service, owner: 'team-a', answers: {} }
  return createService(whole.platform, await whole.caller('dev'), { request })
}

/** Some step of it was tried so often and did not succeed; the run is under way nevertheless. */
async function failing(id: string, attempts: number): Promise<void> {
  await waitUntil(async () => (await findRun(whole.platform.db, id))?.steps.some((step) => step.attempt >= attempts), {
    what: `a step of ${id} to be tried ${attempts} times`,
    ms: 120_000,
  })
  assert.equal((await findRun(whole.platform.db, id))?.state, 'running')
}

async function stopped(id: string): Promise<Run> {
  return waitUntil(
    async () => {
      const run = await findRun(whole.platform.db, id)
      return run?.state === 'failed' ? run : undefined
    },
    { what: `run ${id} to fail`, ms: 120_000 },
  )
}

/** One repository with its one commit, one change request and one deployment. */
async function hadOnce({ id, service }: Run): Promise<void> {
  const { gitHost } = whole.platform.ports
  const repo = { owner: 'team-a', name: service ?? '' }
  const changes = await gitHost.changes.list({ repo: deliveryRepo, limit: 100 })
  const deployments = await deploymentsIn(whole.platform, { service: repo.name, environment: 'dev' })
  assert.equal((await gitHost.repositories.find(repo))?.marker, id)
  assert.equal((await gitHost.files.history(repo, { ref: 'main', limit: 10 })).length, 1)
  assert.equal(changes.filter(({ head }) => head === `fairway/${id}`).length, 1)
  assert.equal(deployments.filter(({ run }) => run === id).length, 1)
}

/** Everything that a run asks of the Git host goes by what `isAway` and `bent` say. */
async function standBetween(): Promise<void> {
  const { gitHost } = whole.platform.ports
  const direct = gitHost.remote.bind(gitHost)
  const proxy = await cuttingProxy(hooks, Number(new URL((await direct(deliveryRepo)).url).port))
  proxy.cut(() => isAway)
  gitHost.remote = async (of) => {
    const remote = await direct(of)
    const via = { ...remote, url: remote.url.replace(/:\d+\//, `:${proxy.port}/`) }
    return bent?.(via, of) ?? via
  }
  for (const call of ['create', 'protect', 'find'] as const) faulty(gitHost.repositories, call)
  for (const call of ['propose', 'merge', 'check', 'close', 'find', 'list'] as const) faulty(gitHost.changes, call)
}

function faulty<T extends object, K extends keyof T & string>(object: T, name: K): void {
  const original = (object[name] as (...args: unknown[]) => Promise<unknown>).bind(object)
  object[name] = (async (...args: unknown[]) => {
    if (!isAway) return original(...args)
    throw new PlatformError('GIT_HOST_UNAVAILABLE', 'the Git host could not be reached')
  }) as T[K]
}
