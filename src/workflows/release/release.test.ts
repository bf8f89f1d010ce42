import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { runGit } from '#lib/git/run-git.ts'
import { deliveryRepo } from '#model/names.ts'
import type { Run } from '#model/run.ts'
import { createService } from '#services/create-service.ts'
import { startRelease } from '#services/react.ts'
import { releaseRunId } from '#services/start-run.ts'
import { findEntity } from '#store/entity.ts'
import { listReleases } from '#store/release.ts'
import { findRun } from '#store/run.ts'
import { fetchDelivery } from '#workflows/deliver/open-change.ts'
import { deploymentsIn } from '#workflows/deliver/history.ts'
import { type PlatformForTest, platformForTest, refusedWith } from '../../../testing/platform-for-test.ts'
import { waitUntil } from '../../../testing/wait-until.ts'

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

test('a commit that is noticed many times at once is one release and one change request', async () => {
  const commit = await whole.push({ repo, by: 'dev', write: { 'notes.md': 'one' } })
  await Promise.all(Array.from({ length: 20 }, () => startRelease(whole.platform, { repo, commit, actor: 'dev' })))

  const run = await whole.ended(releaseRunId('shop', commit), 'succeeded')

  const releases = await listReleases(whole.platform.db, 'shop', 50)
  const changes = await whole.platform.ports.gitHost.changes.list({ limit: 50 })
  assert.equal(releases.filter((release) => release.commit === commit).length, 1)
  assert.equal(changes.filter((change) => change.head === `fairway/${run.id}`).length, 1)
})

test('runs that read the delivery repository at the same moment do not fail each other', async () => {
  const objects = { dir: whole.platform.objects }
  const heads: string[] = []
  const main = await fetchDelivery(whole.platform)
  for (let turn = 0; turn < 5; turn++) {
    await runGit(objects, ['update-ref', 'refs/fairway/delivery/main', `${main}~1`])
    heads.push(...(await Promise.all(Array.from({ length: 10 }, () => fetchDelivery(whole.platform)))))
  }

  const head = await whole.platform.ports.gitHost.files.resolve(deliveryRepo, 'main')
  assert.deepEqual([...new Set(heads)], [head])
})

test('pushes that overlap all end, and the environment has the newest', async () => {
  const commits: string[] = []
  for (const text of ['two', 'three', 'four'])
    commits.push(await whole.push({ repo, by: 'dev', write: { 'notes.md': text } }))

  const runs = await Promise.all(commits.map((commit) => ended(commit)))

  const [current] = await deploymentsIn(whole.platform, { service: 'shop', environment: 'dev' }, 1)
  assert.equal(runs.at(-1)?.state, 'succeeded', JSON.stringify(runs.at(-1)?.error))
  for (const run of runs) assert.match(run.state, /^(succeeded|superseded)$/, JSON.stringify(run.error))
  assert.equal(current?.sourceCommit, commits.at(-1))
})

for (const [file, text, code] of [
  ['score.yaml', 'apiVersion: score.dev/v1b1\ncontainers: 7\n', 'SCORE_INVALID'],
  ['catalog-info.yaml', 'kind: Group\n', 'CATALOG_INFO_INVALID'],
] as const)
  test(`a push with a broken ${file} is ${code}, and the catalog keeps what it knew`, async () => {
    const known = await findEntity(whole.platform.db, 'component:default/shop')
    const good = await whole.platform.ports.gitHost.files.read(repo, 'main', file)

    const run = await ended(await whole.push({ repo, by: 'dev', write: { [file]: text } }))

    const now = await findEntity(whole.platform.db, 'component:default/shop')
    assert.equal(run.error?.code, code)
    assert.deepEqual(now?.entity, known?.entity)
    await ended(await whole.push({ repo, by: 'dev', write: { [file]: good ?? '' } }))
  })

test('a repository cannot describe what another one describes already', async () => {
  await whole.service('other')
  const info = await whole.platform.ports.gitHost.files.read(repo, 'main', 'catalog-info.yaml')
  const push = { repo: { owner: 'team-a', name: 'other' }, by: 'dev', write: { 'catalog-info.yaml': info ?? '' } }

  const run = await ended(await whole.push(push), 'other')

  assert.equal(run.error?.code, 'CATALOG_INFO_INVALID')
  assert.equal((await findEntity(whole.platform.db, 'component:default/shop'))?.source, 'team-a/shop')
  assert.ok(await findEntity(whole.platform.db, 'component:default/other'))
})

test('without a policy engine nothing passes', async () => {
  await (whole.platform.ports.policy as unknown as { close(): Promise<void> }).close()
  const request = { template: 'tiny', service: 'late', owner: 'team-a', answers: {} }

  await refusedWith('POLICY_UNAVAILABLE', createService(whole.platform, await whole.caller('dev'), { request }))
  const run = await ended(await whole.push({ repo, by: 'dev', write: { 'notes.md': 'unjudged' } }))

  assert.equal(run.error?.code, 'POLICY_UNAVAILABLE')
})

function ended(commit: string, service = 'shop'): Promise<Run> {
  return waitUntil(
    async () => {
      const run = await findRun(whole.platform.db, releaseRunId(service, commit))
      return run?.finishedAt ? run : undefined
    },
    { what: `the release of ${commit.slice(0, 12)} to end`, ms: 60_000 },
  )
}
