import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openWorkRepository } from '#lib/git/repository.ts'
import { readTree, writeTree } from '#lib/git/trees.ts'
import { Adapters } from '#model/adapters.ts'
import { insertRun } from '#store/run.ts'
import { testDatabase } from '../../../testing/database.ts'
import type { Platform } from '../platform.ts'
import { bringTrees, keepTree } from './run-trees.ts'

const product = { product: 'some' }
const shared = Adapters.parse({ gitHost: product, artifacts: product, delivery: product })

test('what one replica rendered is there for another one that takes its run over, on a disk of its own', async (t) => {
  const { db } = await testDatabase(t)
  const replica = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fairway-run-trees-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    const { dir } = await openWorkRepository(join(folder, 'objects.git'))
    return { db, objects: dir, adapters: { running: shared } } as unknown as Platform
  }
  const [first, second] = [await replica(), await replica()]
  const run = 'r00000000001'
  await insertRun(db, { id: run, workflow: 'release', requestedBy: 'dev', input: {}, steps: [] })
  const files = [{ path: 'a/deployment.yaml', content: 'kind: Deployment\n' }]
  const tree = await writeTree({ dir: first.objects }, files)
  await keepTree(first, { run, tree, name: 'manifests' })

  await bringTrees(second, run)

  const [found] = await readTree({ dir: second.objects }, tree)
  assert.deepEqual([found?.path, String(found?.content)], ['a/deployment.yaml', 'kind: Deployment\n'])
  await bringTrees(second, run) // again, as a second take-over does
})
