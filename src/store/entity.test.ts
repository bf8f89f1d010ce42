import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Entity } from '#model/entity.ts'
import { testDatabase } from '../../testing/database.ts'
import { listEntities, replaceEntities } from './entity.ts'

const group = (name: string) => ({
  entity: Entity.parse({
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Group',
    metadata: { name },
    spec: { type: 'team', children: [] },
  }),
})

test('many readings of one source at once leave the entities of one of them', async (t) => {
  const { db } = await testDatabase(t)
  const names = ['team-a', 'team-b', 'team-c']

  await Promise.all(Array.from({ length: 12 }, () => replaceEntities(db, 'fairway/platform', names.map(group))))

  const { items } = await listEntities(db, { limit: 10 })
  assert.deepEqual(
    items.map(({ entity }) => entity.metadata.name),
    names,
  )
})

test('an entity of another source is refused, and nothing of the reading is kept', async (t) => {
  const { db } = await testDatabase(t)
  await replaceEntities(db, 'team-a/shop', [group('team-a')])

  await assert.rejects(replaceEntities(db, 'team-b/cart', [group('team-b'), group('team-a')]), {
    code: 'CATALOG_INFO_INVALID',
    message: /described by team-a\/shop already/,
  })
  assert.equal((await listEntities(db, { limit: 10 })).total, 1)
})
