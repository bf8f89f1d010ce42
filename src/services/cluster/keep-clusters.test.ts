import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { isSignedBy } from '#lib/git/commit-signature.ts'
import { readBlobs } from '#lib/git/blobs.ts'
import { commitTree } from '#lib/git/commits.ts'
import { fetchRefs, pushRefs } from '#lib/git/remote.ts'
import { editTree, treeOf } from '#lib/git/trees.ts'
import { deliveryRepo, platformRepo, type RepoRef } from '#model/names.ts'
import { readDrifts } from '../drift/read-drift.ts'
import { settleDrift } from '../drift/settle-drift.ts'
import { platformForTest, type PlatformForTest } from '../../../testing/platform-for-test.ts'
import { waitUntil } from '../../../testing/wait-until.ts'
import { keepClusters, settleClusters } from './keep-clusters.ts'

let world: PlatformForTest
const ends: (() => unknown)[] = []
before(async () => {
  world = await platformForTest({ after: (end) => void ends.push(end) })
  const { repositories } = world.platform.ports.gitHost
  await repositories.protect(platformRepo, { pushBy: 'platform', teams: [] }) // reviews are not what is tried here
})
test.after(async () => {
  for (const end of ends.toReversed()) await end()
})

test('with nothing but this machine behind it, the platform writes no folder of clusters', async () => {
  keepClusters(world.platform)()

  assert.deepEqual(await paths(), [])
})

test('the first run writes namespaces and rules of every environment, signed, with its id; asking again writes nothing', async () => {
  const run = await settled()

  const files = await paths()
  for (const path of [
    'clusters/dev/teams/team-a/namespace.yaml',
    'clusters/production/policies/production-replicas-constraint.yaml',
    'clusters/staging/policies/approved-image-template.yaml',
  ])
    assert.ok(files.includes(path), path)
  assert.ok(!files.includes('clusters/dev/policies/production-replicas-constraint.yaml'))
  const [newest] = await history()
  assert.deepEqual(
    newest?.trailers.filter(([key]) => key !== 'Change-Id'),
    [
      ['Run-Id', run.id],
      ['Requested-by', 'fairway'],
    ],
  )
  const repo = { dir: world.platform.objects }
  const [stored] = await readBlobs(repo, [newest?.commit ?? ''])
  assert.ok(isSignedBy(stored ?? Buffer.alloc(0), world.platform.signer.publicKey))
  assert.equal(await settleClusters(world.platform), undefined)
  assert.equal((await history())[0]?.commit, newest?.commit)
})

test('two that notice the same difference start one run', async () => {
  await change('environments/dev.yaml', (text) => text.replace('fairway.local', 'registry.example.com'))

  const [first, second] = await Promise.all([settleClusters(world.platform), settleClusters(world.platform)])

  assert.ok(first)
  assert.equal(first.id, second?.id)
  await world.ended(first.id, 'succeeded')
  assert.match(await file('clusters/dev/policies/approved-image-constraint.yaml'), /- registry\.example\.com\n/)
  assert.match(await file('clusters/staging/policies/approved-image-constraint.yaml'), /- fairway\.local\n/)
})

test('a changed rule reaches every environment, and a rule that leaves admission leaves the clusters', async () => {
  await change('policies/required-labels/policy.yaml', (text) => text.replace(', admission', ''))
  await settled()

  assert.deepEqual(
    (await paths()).filter((path) => path.includes('required-labels')),
    [],
  )
})

test('what came past the platform is drift and is put back; only a new demand writes over it', async () => {
  const path = 'clusters/production/policies/approved-image-constraint.yaml'
  const before = await file(path)
  await commitTo(deliveryRepo, path, before.replace('enforcementAction: deny', 'enforcementAction: dryrun'))

  const drift = await waitUntil(async () => (await openDrifts())[0], { what: 'the drift to be found' })
  assert.equal(drift.path, 'clusters')
  assert.equal(await settleClusters(world.platform), undefined)
  assert.match(await file(path), /dryrun/)

  const caller = await world.caller('platform')
  const run = await settleDrift(world.platform, caller, { id: drift.id, act: 'revert' })
  await world.ended(run.id, 'succeeded')
  assert.equal(await file(path), before)

  await commitTo(deliveryRepo, path, before.replace('enforcementAction: deny', 'enforcementAction: dryrun'))
  await change('environments/production.yaml', (text) => text.replace('fairway.local', 'registry.example.com'))
  await settled()
  assert.equal(await file(path), before.replace('- fairway.local', '- registry.example.com'))
})

async function settled() {
  const run = await settleClusters(world.platform)
  assert.ok(run)
  return world.ended(run.id, 'succeeded')
}

async function paths(): Promise<readonly string[]> {
  return world.platform.ports.gitHost.files.list(deliveryRepo, 'main', 'clusters')
}

async function file(path: string): Promise<string> {
  return (await world.platform.ports.gitHost.files.read(deliveryRepo, 'main', path)) ?? ''
}

async function history() {
  return world.platform.ports.gitHost.files.history(deliveryRepo, { ref: 'main', limit: 3 })
}

async function openDrifts() {
  const drifts = await readDrifts(world.platform, await world.caller('platform'), { state: 'open', limit: 10 })
  return drifts.filter(({ path }) => path === 'clusters')
}

/** As a merged change of the platform repository leaves it. */
async function change(path: string, edit: (text: string) => string): Promise<void> {
  const text = (await world.platform.ports.gitHost.files.read(platformRepo, 'main', path)) ?? ''
  await commitTo(platformRepo, path, edit(text))
}

/** Without the platform's signature, whoever pushes it. */
async function commitTo(repo: RepoRef, path: string, content: string): Promise<void> {
  const objects = { dir: world.platform.objects }
  const remote = await world.platform.ports.gitHost.remote(repo)
  const [parent = ''] = await fetchRefs(objects, remote, [{ from: 'refs/heads/main', to: `refs/test/${repo.name}` }])
  const baseTree = (await treeOf(objects, parent)) ?? ''
  const tree = await editTree(objects, { baseTree, write: [{ path, content }] })
  const author = { name: 'Mallory', email: 'mallory@example.com' }
  const at = new Date().toISOString()
  const commit = await commitTree(objects, { tree, parents: [parent], message: 'Change it', author, at })
  await pushRefs(objects, remote, [{ commit, to: 'refs/heads/main', expect: parent }])
}
