import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { commitTree } from '#lib/git/commits.ts'
import { pushRefs } from '#lib/git/remote.ts'
import { openWorkRepository } from '#lib/git/repository.ts'
import { editTree, treeOf, writeTree } from '#lib/git/trees.ts'
import { deliveryRepo } from '#model/names.ts'
import { startLocalGitHost } from '../../../testing/local-git-host.ts'
import { DeliveryLog } from './delivery-log.ts'

test('a place has the same newest commits as Git says, whatever was read before and in whatever order', async (t) => {
  const { host, folder } = await startLocalGitHost(t)
  await host.repositories.create({ repo: deliveryRepo, description: 'Delivery', marker: 'seed', teams: [] })
  const objects = await openWorkRepository(join(folder, 'objects.git'))
  const author = { name: 'fairway', email: 'fairway@fairway.local' }
  const heads: string[] = []
  const push = async (path: string, content: string) => {
    const parent = heads.at(-1)
    const baseTree = parent && (await treeOf(objects, parent))
    const write = [{ path, content }]
    const tree = baseTree ? await editTree(objects, { baseTree, write }) : await writeTree(objects, write)
    const at = `2026-01-01T00:00:${String(heads.length).padStart(2, '0')}Z`
    const commit = await commitTree(objects, { tree, parents: parent ? [parent] : [], message: content, author, at })
    const to = { commit, to: 'refs/heads/main', expect: parent ?? 'absent' }
    await pushRefs(objects, await host.remote(deliveryRepo), [to])
    heads.push(commit)
  }
  const places = ['envs/dev/shop', 'envs/dev/cart', 'envs/production/shop']
  const log = new DeliveryLog(host.files)
  const asGitSays = async (limit: number) => {
    const head = heads.at(-1) ?? ''
    for (const path of places) {
      const known = await log.of(head, path, limit)
      const wanted = await host.files.history(deliveryRepo, { ref: head, path, limit })
      assert.deepEqual(
        known?.map(({ commit }) => commit),
        wanted.map(({ commit }) => commit),
        path,
      )
    }
  }

  await push('README.md', 'begin')
  await push('envs/dev/shop/deployment.yaml', 'one')
  await asGitSays(5)
  await push('envs/dev/cart/deployment.yaml', 'one')
  await push('envs/dev/shop/deployment.yaml', 'two')
  await push('envs/production/shop/deployment.yaml', 'one')
  await asGitSays(5)
  await push('envs/dev/shop/deployment.yaml', 'one')
  await log.of(heads[2] ?? '', 'envs/dev/shop', 1)
  await asGitSays(1)
  await asGitSays(5)
})
