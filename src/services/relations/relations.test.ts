import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Entity } from '#model/entity.ts'
import { replaceEntities } from '#store/entity.ts'
import { platformForTest } from '../../../testing/platform-for-test.ts'
import { readMatrix } from '../read-matrix.ts'
import { promoteService } from '../promote-service.ts'
import { releaseRunId } from '../start-run.ts'
import { readRelations } from './read-relations.ts'

const repo = { owner: 'team-a', name: 'shop' }
const catalogInfo = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
spec:
  type: service
  lifecycle: production
  owner: group:default/team-a
  system: sales
  providesApis: [shop]
  dependsOn: ['resource:default/orders', component:nobody]
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: shop
spec: { type: openapi, lifecycle: production, owner: team-a, definition: '{}' }
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata:
  name: orders
spec: { type: database, owner: team-a }
`

test('relations and the matrix say what is told by descriptions, workloads and deployments', async (t) => {
  const whole = await platformForTest(t)
  const { platform } = whole
  const dev = await whole.caller('dev')
  await Promise.all([whole.service('shop'), whole.service('basket')])
  const relations = async (kind: string, name: string) => {
    const { items, more } = await readRelations(platform, dev, { kind, namespace: 'default', name })
    return { lines: items.map(({ relation, ref }) => `${relation} ${ref}`).toSorted(), items, more }
  }
  const released = async (write: Record<string, string>) => {
    const commit = await whole.push({ repo, by: 'dev', write })
    await whole.ended(releaseRunId('shop', commit), 'succeeded')
    return commit
  }
  const score = (await platform.ports.gitHost.files.read(repo, 'main', 'score.yaml')) ?? ''
  await released({
    'catalog-info.yaml': catalogInfo,
    'score.yaml': `${score}resources:\n  basket:\n    type: service\n`,
  })

  await t.test(
    'a service: its owner, system, API, what it needs by catalog and by workload, and where it runs',
    async () => {
      const { lines, items, more } = await relations('component', 'shop')

      assert.deepEqual(lines, [
        'depends on component:default/basket',
        'depends on component:default/nobody',
        'depends on resource:default/orders',
        'owned by group:default/team-a',
        'part of system:default/sales',
        'provides api:default/shop',
        'runs in environment:default/dev',
      ])
      assert.equal(more, 0)
      const at = (ref: string) => items.find((one) => one.ref === ref)
      assert.equal(at('environment:default/dev')?.state, 'healthy')
      assert.equal(at('component:default/basket')?.source, 'team-a/shop/score.yaml')
      assert.equal(at('component:default/nobody')?.link, undefined, 'what the catalog does not have is no link')
    },
  )

  await t.test('seen from the other end each is the other way round', async () => {
    assert.deepEqual((await relations('api', 'shop')).lines, [
      'owned by group:default/team-a',
      'provided by component:default/shop',
    ])
    assert.deepEqual((await relations('resource', 'orders')).lines, [
      'needed by component:default/shop',
      'owned by group:default/team-a',
    ])
    assert.deepEqual(
      (await relations('environment', 'dev')).lines.filter((line) => line.startsWith('runs')),
      ['runs component:default/basket', 'runs component:default/shop'],
    )
    const group = (await relations('group', 'team-a')).lines
    for (const line of ['owns api:default/shop', 'owns component:default/shop', 'has member user:default/dev'])
      assert.ok(group.includes(line), `${line} is not among ${group.join(', ')}`)
  })

  await t.test('of very many forty are given and the rest is counted', async () => {
    const owned = Array.from({ length: 230 }, (_, index) =>
      Entity.parse({
        apiVersion: 'a/v1',
        kind: 'Resource',
        metadata: { name: `r-${index}` },
        spec: { owner: 'team-b' },
      }),
    )
    await replaceEntities(
      platform.db,
      'team-b/many',
      owned.map((entity) => ({ entity })),
    )

    const { items, more } = await relations('group', 'team-b')

    assert.equal(items.length, 40)
    assert.ok(items.length + more >= 230, `${more} more`)
  })

  await t.test('the matrix says how many commits an environment lacks of the one before', async () => {
    const { id } = await promoteService(platform, dev, { request: { service: 'shop', to: 'staging' } })
    await whole.ended(id, 'succeeded')
    await released({ 'a.md': 'a' })
    await released({ 'b.md': 'b' })

    const { environments, items, total } = await readMatrix(platform, dev, { limit: 25 })

    assert.deepEqual([environments, total], [['dev', 'staging', 'production'], 2])
    const behind = items.map(({ service, cells }) => [service, ...cells.map((cell) => cell.behind)])
    const staging = { environment: 'dev', orMore: false, isAhead: false }
    const production = { environment: 'staging', orMore: false, isAhead: false }
    assert.deepEqual(behind, [
      ['basket', undefined, staging, undefined],
      ['shop', undefined, { ...staging, commits: 2 }, production],
    ])
  })

  await t.test('it is read in pages, and filters ask live facts of as many services as are needed', async () => {
    const first = await readMatrix(platform, dev, { limit: 1 })
    const second = await readMatrix(platform, dev, { limit: 1, cursor: first.next })
    const absent = await readMatrix(platform, dev, { limit: 1, sync: 'drifted' })

    assert.deepEqual(
      [first.items[0]?.service, first.next, second.items[0]?.service, second.next],
      ['basket', 'basket', 'shop', undefined],
    )
    assert.deepEqual([absent.items, absent.next], [[], undefined])
    assert.deepEqual(
      (await readMatrix(platform, dev, { limit: 25, q: 'SHO' })).items.map(({ service }) => service),
      ['shop'],
    )
  })
})
