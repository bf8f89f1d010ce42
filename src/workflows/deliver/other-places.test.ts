import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { codeOf } from '#errors/platform-error.ts'
import { initBare } from '#lib/git/repository.ts'
import { listTree, replaceFolder, writeTree } from '#lib/git/trees.ts'
import { deliveryPlace } from '#render/delivery-place.ts'

test('whatever a service and an environment are called, every other folder stays byte for byte', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-places-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const repo = await initBare(join(folder, 'delivery.git'))
  const others = ['envs/dev/shop', 'envs/production/shop', 'envs/dev/cart', 'clusters/dev'].map(
    (path) => `${path}/a.yaml`,
  )
  const baseTree = await writeTree(
    repo,
    [...others, 'README.md'].map((path) => ({ path, content: `${path}\n` })),
  )
  const tree = await writeTree(repo, [{ path: 'evil.yaml', content: 'mine\n' }])
  const before = await listTree(repo, baseTree)
  const names = fc.oneof(
    fc.constantFrom(
      '..',
      '.',
      '',
      '../../other-team/prod',
      'dev/../../clusters',
      'shop/../cart',
      '-x',
      'shop\0',
      'SHOP',
    ),
    fc.constantFrom('shop', 'cart', 'dev', 'production', 'con', 'a-b', 'envs', 'clusters'),
    fc.string({ unit: 'binary', maxLength: 12 }),
  )

  await fc.assert(
    fc.asyncProperty(names, names, async (service, environment) => {
      const place = placeOf(service, environment)
      if (place === undefined) return
      const after = await listTree(repo, await replaceFolder(repo, { baseTree, path: place, tree }))

      const elsewhere = (path: string) => !path.startsWith(`envs/${environment}/${service}/`)
      assert.deepEqual(
        after.filter(({ path }) => elsewhere(path)),
        before.filter(({ path }) => elsewhere(path)),
      )
      assert.deepEqual(
        after.filter(({ path }) => !elsewhere(path)).map(({ path }) => path),
        [`envs/${environment}/${service}/evil.yaml`],
      )
    }),
    { numRuns: 120 },
  )
})

function placeOf(service: string, environment: string): string | undefined {
  try {
    return deliveryPlace(service, environment)
  } catch (error) {
    assert.equal(codeOf(error), 'NAME_INVALID')
    return undefined
  }
}
