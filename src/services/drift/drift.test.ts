import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { before, test } from 'node:test'
import { commitTree, resolve, updateRef } from '#lib/git/commits.ts'
import { applyChanges, readTree, treeOf } from '#lib/git/trees.ts'
import { deliveryRepo } from '#model/names.ts'
import { listAudit } from '#store/audit.ts'
import { previewRollback } from '../promote-service.ts'
import { readDeployments } from '../read-service.ts'
import { readStatus } from '../read-services.ts'
import { platformForTest, type PlatformForTest, refusedWith } from '../../../testing/platform-for-test.ts'
import { waitUntil } from '../../../testing/wait-until.ts'
import { readDrifts } from './read-drift.ts'
import { previewSettlement, settleDrift } from './settle-drift.ts'

let world: PlatformForTest
const ends: (() => unknown)[] = []
before(async () => {
  world = await platformForTest({ after: (end) => void ends.push(end) })
  await world.service('shop')
})
test.after(async () => {
  for (const end of ends.toReversed()) await end()
})

const mallory = { name: 'Mallory', email: 'mallory@example.com' }

test('a commit that reached the repository on disk is shown with its author, counts for no approval, and is reverted', async () => {
  const forged = 'More\n\nRun-Id: r1\nChange-Id: fairway/delivery#1\nApproved-by: dev2\nRequested-by: dev\n'
  const commit = await pastThePlatform({ 'envs/dev/shop/deployment.yaml': replicas(2) }, forged)

  const found = await openDrift()

  assert.deepEqual([found.kind, found.service, found.environment, found.path], ['git', 'shop', 'dev', 'envs/dev/shop'])
  assert.deepEqual([found.cause?.author, found.cause?.commit], ['Mallory <mallory@example.com>', commit])
  assert.deepEqual(found.fields, [{ field: 'Deployment/shop spec.replicas', wanted: '1', live: '2' }])
  const caller = await world.caller('dev')
  const [newest] = await readDeployments(world.platform, caller, { name: 'shop', environment: 'dev', limit: 1 })
  assert.deepEqual([newest?.pastPlatform, newest?.approvedBy, newest?.requestedBy], [true, [], 'Mallory'])
  const { environments } = await readStatus(world.platform, caller, 'shop')
  assert.deepEqual(
    environments.map(({ sync, drift }) => [sync, drift?.id]),
    [
      ['drifted', found.id],
      ['absent', undefined],
      ['absent', undefined],
    ],
  )

  const run = await settleDrift(world.platform, caller, { id: found.id, act: 'revert', idempotencyKey: 'k1' })
  const again = await settleDrift(world.platform, caller, { id: found.id, act: 'revert', idempotencyKey: 'k1' })

  assert.equal(again.id, run.id)
  await world.ended(run.id, 'succeeded')
  const settled = await resolvedDrift(found.id)
  assert.equal(settled.resolution, 'reverted')
  assert.match(await fileInGit('envs/dev/shop/deployment.yaml'), /replicas: 1\n/)
  await refusedWith('DRIFT_NONE', settleDrift(world.platform, caller, { id: found.id, act: 'revert' }))
  const actions = (await listAudit(world.platform.db, { object: 'service:shop', limit: 50 })).map(
    ({ action }) => action,
  )
  for (const action of ['drift.detect', 'revert-drift', 'drift.resolve']) assert.ok(actions.includes(action), action)
})

test('what is adopted passes the rules and stands in Git under the platform’s signature', async () => {
  await pastThePlatform({ 'envs/dev/shop/deployment.yaml': replicas(2) })
  const found = await openDrift()
  const caller = await world.caller('dev')
  assert.deepEqual(found.adopt, { can: true })
  const plan = await previewSettlement(world.platform, caller, { id: found.id, act: 'adopt' })
  assert.ok(plan.effects.some(({ step }) => step === 'check-policy'))
  assert.equal((await openDrift()).id, found.id)

  const run = await settleDrift(world.platform, caller, { id: found.id, act: 'adopt' })

  await world.ended(run.id, 'succeeded')
  assert.equal((await resolvedDrift(found.id)).resolution, 'adopted')
  assert.match(await fileInGit('envs/dev/shop/deployment.yaml'), /replicas: 2\n/)
  const [newest] = await readDeployments(world.platform, caller, { name: 'shop', environment: 'dev', limit: 1 })
  assert.deepEqual([newest?.pastPlatform, newest?.requestedBy, newest?.run], [undefined, 'dev', run.id])
})

test('nobody but the owning team and platform engineers settles it, and a forbidden kind is never adopted', async () => {
  const role =
    'apiVersion: v1\nkind: Secret\nmetadata:\n  name: keys\n  namespace: team-a-dev\nstringData:\n  a: hidden-value\n'
  await pastThePlatform({ 'envs/dev/shop/secret.yaml': () => role })
  const found = await openDrift()

  await refusedWith(
    'NOT_ALLOWED',
    settleDrift(world.platform, await world.caller('dev3'), { id: found.id, act: 'revert' }),
  )
  await refusedWith(
    'NOT_ALLOWED',
    settleDrift(world.platform, await world.caller('auditor'), { id: found.id, act: 'adopt' }),
  )
  const refusal = await refusedWith(
    'DRIFT_NOT_ADOPTABLE',
    settleDrift(world.platform, await world.caller('dev'), { id: found.id, act: 'adopt' }),
  )

  assert.match(refusal.message, /Secret/)
  assert.ok(!JSON.stringify(found).includes('hidden-value'))
  await revert(found.id)
})

test('a folder of nobody and a file beside the folders are drift of the platform, and go again', async () => {
  await pastThePlatform({
    'envs/dev/ghost/deployment.yaml': () => 'kind: Deployment\n',
    'clusters/all.yaml': () => 'a: b\n',
  })
  const all = await waitUntil(
    async () => {
      const open = await drifts('open')
      return open.length === 2 ? open : undefined
    },
    { what: 'both to be found', ms: 15_000 },
  )
  assert.deepEqual(all.map(({ path }) => path).toSorted(), ['clusters', 'envs/dev/ghost'])
  assert.deepEqual(
    all.map(({ service }) => service),
    [undefined, undefined],
  )

  await refusedWith(
    'NOT_ALLOWED',
    settleDrift(world.platform, await world.caller('dev'), { id: all[0]?.id ?? '', act: 'revert' }),
  )
  for (const { id } of all) await revert(id, 'platform')

  const paths = (await readTree(bare(), 'main')).map(({ path }) => path)
  assert.ok(!paths.some((path) => /ghost|clusters/.test(path)))
})

test('a history that was wound back is drift, though its newest commit is the platform’s own', async () => {
  const before = (await resolve(bare(), 'main')) ?? ''
  const older = (
    await world.platform.ports.gitHost.files.history(deliveryRepo, { ref: 'main', path: 'envs/dev/shop', limit: 9 })
  ).at(-1)
  await updateRef(bare(), { ref: 'refs/heads/main', to: older?.commit ?? '' })

  const found = await openDrift()

  assert.match(found.summary, /rewritten/)
  await revert(found.id)
  const [now, then] = await Promise.all([`main`, before].map((commit) => treeOf(bare(), commit, 'envs/dev/shop')))
  assert.equal(now, then)
})

test('who merges for another service on top of it makes it nobody’s approval', async () => {
  await pastThePlatform({ 'envs/dev/shop/deployment.yaml': replicas(3) })
  const found = await openDrift()

  await world.service('cart')
  const asked = { service: 'shop', environment: 'dev', reason: '' }
  const preview = await previewRollback(world.platform, await world.caller('dev'), asked)

  assert.match(preview.drift ?? '', /came past the platform, by Mallory/)

  assert.equal((await openDrift()).id, found.id)
  await revert(found.id)
})

test('over Git’s own protocol nobody pushes there: the platform’s word for it is the refusal', async () => {
  for (const by of ['dev', 'platform', 'sec'])
    await assert.rejects(
      world.push({ repo: deliveryRepo, by, write: { 'envs/dev/shop/deployment.yaml': 'kind: Deployment\n' } }),
      /may read fairway\/delivery but not push to it|only the platform writes here/,
    )

  assert.deepEqual(await drifts('open'), [])
})

test('an instance that somebody killed is shown and gone again, and both are on record', async () => {
  const [resource] = await world.platform.ports.delivery.resources(
    { service: 'shop', environment: 'dev' },
    AbortSignal.timeout(5_000),
  )
  const pid = await pidOf(resource?.instances[0]?.id ?? '')

  process.kill(-pid, 'SIGKILL')

  const seen = await waitUntil(async () => (await drifts('resolved')).find(({ kind }) => kind === 'runtime'), {
    what: 'the drift to come and go',
    ms: 30_000,
  })
  assert.equal(seen.resolution, 'gone')
  assert.match(seen.cause?.what ?? '', /SIGKILL|signal 9/)
  assert.equal(seen.adopt.can, false)
})

async function pidOf(instance: string): Promise<number> {
  const folder = join(dirname(world.platform.objects), 'agent/workloads/dev/shop')
  const record = JSON.parse(await readFile(join(folder, `${instance}.json`), 'utf8')) as { process: { pid: number } }
  return record.process.pid
}

function bare() {
  return { dir: join(dirname(world.platform.objects), 'git/fairway/delivery.git') }
}

/** Writes a commit straight into the bare repository, as somebody with a shell on this machine could. */
async function pastThePlatform(
  files: Record<string, (now: string) => string>,
  message = 'Change it by hand',
): Promise<string> {
  const main = (await resolve(bare(), 'main')) ?? ''
  const now = new Map((await readTree(bare(), main)).map(({ path, content }) => [path, content]))
  const changes = Object.entries(files).map(([path, edit]) => ({
    path,
    entry: { mode: '100644', content: Buffer.from(edit(now.get(path) ?? '')) },
  }))
  const tree = await applyChanges(bare(), (await treeOf(bare(), main)) ?? '', changes)
  const at = new Date().toISOString()
  const commit = await commitTree(bare(), { tree, parents: [main], message, author: mallory, at })
  await updateRef(bare(), { ref: 'refs/heads/main', to: commit, from: main })
  return commit
}

function replicas(count: number) {
  return (text: string) => text.replace(/replicas: \d+/, `replicas: ${count}`)
}

async function fileInGit(path: string): Promise<string> {
  return (await readTree(bare(), 'main')).find((file) => file.path === path)?.content ?? ''
}

async function drifts(state: 'open' | 'resolved') {
  return readDrifts(world.platform, await world.caller('dev'), { state, limit: 50 })
}

function openDrift() {
  return waitUntil(async () => (await drifts('open'))[0], { what: 'drift to be found', ms: 15_000 })
}

function resolvedDrift(id: string) {
  return waitUntil(async () => (await drifts('resolved')).find((one) => one.id === id), {
    what: 'the drift to be settled',
    ms: 15_000,
  })
}

async function revert(id: string, as = 'dev'): Promise<void> {
  const run = await settleDrift(world.platform, await world.caller(as), { id, act: 'revert' })
  await world.ended(run.id, 'succeeded')
  await resolvedDrift(id)
}
