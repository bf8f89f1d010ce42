import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { commitTree, updateRef } from '#lib/git/commits.ts'
import { writeTree } from '#lib/git/trees.ts'
import { startGitServer } from '../../../testing/git-server.ts'
import { manifestsFor } from '../../ports/delivery.contract.ts'
import { deliveryMirror } from './delivery-mirror.ts'

const image = `fairway.local/team-a/shop@sha256:${'a'.repeat(64)}`
const shop = { environment: 'dev', service: 'shop' }
const bank = { environment: 'dev', service: 'bank' }

test('a place has the newest commit that touched its folder, whatever happens to others', async (t) => {
  const { read, commit } = await mirrored(t)
  const first = await commit({ ...folder(shop, '1') })
  await commit({ ...folder(shop, '1'), ...folder(bank, '1') })

  assert.equal((await read()).get('dev/shop')?.commit, first)
  const third = await commit({ ...folder(shop, '1'), ...folder(bank, '2') })

  const places = await read()
  assert.deepEqual([places.get('dev/shop')?.commit, places.get('dev/bank')?.commit], [first, third])
})

test('a folder that was changed and changed back between two looks has the newer commit', async (t) => {
  const { read, commit } = await mirrored(t)
  await commit(folder(shop, '1'))
  await read()
  await commit(folder(shop, '2'))
  const back = await commit(folder(shop, '1'))

  const desired = (await read()).get('dev/shop')

  assert.deepEqual([desired?.commit, desired?.version], [back, '1'])
})

test('a change that came by a merge has the commit of the merge', async (t) => {
  const { read, readAfresh, commit, branch } = await mirrored(t)
  await commit(folder(shop, '1'))
  await read()
  const side = await branch(folder(shop, '2'))

  const merge = await commit(folder(shop, '2'), [side])

  assert.equal((await read()).get('dev/shop')?.commit, merge)
  assert.equal((await readAfresh()).get('dev/shop')?.commit, merge)
})

test('what is not a place of valid names does not exist', async (t) => {
  const { read, commit } = await mirrored(t)
  await commit({
    ...folder(shop, '1'),
    'envs/dev/README.md': 'x',
    'envs/dev/Bad_Name/release.yaml': 'x',
    'other/dev/x/y.yaml': 'x',
  })

  assert.deepEqual([...(await read()).keys()], ['dev/shop'])
})

test('a place that is removed is gone, and objects that are not enforced are named', async (t) => {
  const { read, commit } = await mirrored(t)
  await commit({ ...folder(shop, '1'), ...folder(bank, '1') })
  const objects = (await read()).get('dev/shop')?.objects ?? []

  await commit(folder(bank, '1'))

  assert.deepEqual([...(await read()).keys()], ['dev/bank'])
  assert.deepEqual(
    objects.map(({ kind, enforced }) => [kind, enforced]),
    [
      ['Deployment', true],
      ['Service', true],
      ['ServiceAccount', false],
    ],
  )
})

test('a wrong password is said and never shown', async (t) => {
  const { mirror, remote, commit } = await mirrored(t)
  await commit(folder(shop, '1'))
  const reading = mirror.read(sourceOf({ ...remote, password: 'wrong-canary' }))

  await assert.rejects(reading, (error: Error) => {
    assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /canary/)
    return true
  })
})

function folder(place: { environment: string; service: string }, version: string): Record<string, string> {
  const files = Object.entries(manifestsFor(place, { image, version, replicas: 1 }))
  return Object.fromEntries(files.map(([path, text]) => [`envs/${place.environment}/${place.service}/${path}`, text]))
}

async function mirrored(t: TestContext) {
  const { repo, remote } = await startGitServer(t)
  const path = await mkdtemp(join(tmpdir(), 'fairway-mirror-'))
  t.after(() => rm(path, { recursive: true, force: true }))
  const mirror = deliveryMirror(join(path, 'delivery.git'))
  const author = { name: 'fairway', email: 'fairway@localhost' }
  let head: string | undefined
  const make = async (files: Record<string, string>, parents: readonly string[]) => {
    const tree = await writeTree(
      repo,
      Object.entries(files).map(([file, content]) => ({ path: file, content })),
    )
    return commitTree(repo, { tree, parents, message: crypto.randomUUID(), author, at: new Date() })
  }
  return {
    mirror,
    remote,
    read: async () => (await mirror.read(sourceOf(remote))).places,
    /** As an agent that starts anew with the same mirror. */
    readAfresh: async () => (await deliveryMirror(join(path, 'delivery.git')).read(sourceOf(remote))).places,
    branch: (files: Record<string, string>) => make(files, head ? [head] : []),
    async commit(files: Record<string, string>, others: readonly string[] = []) {
      head = await make(files, [...(head ? [head] : []), ...others])
      await updateRef(repo, { ref: 'refs/heads/main', to: head })
      return head
    },
  }
}

function sourceOf(remote: { url: string; username: string; password: string }) {
  return { remote, branch: 'main', artifacts: '/nowhere', environments: ['dev'], imageKeys: [] }
}
