import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { testDatabase } from '../../testing/database.ts'
import { forgetDeliveries, seenBefore } from './hook-delivery.ts'

test('of a hundred copies at once, by id or by content, one is new', async (t) => {
  const { db } = await testDatabase(t)

  const same = await Promise.all(
    Array.from({ length: 100 }, () => seenBefore(db, 'gitea', ['content:a', 'delivery:1'])),
  )
  const renamed = await Promise.all(
    Array.from({ length: 100 }, (_, at) => seenBefore(db, 'gitea', ['content:b', `delivery:b${at}`])),
  )

  for (const answers of [same, renamed]) assert.equal(answers.filter((seen) => !seen).length, 1)
  assert.equal(await seenBefore(db, 'other', ['content:a', 'delivery:1']), false)
})

test('what is older than a week is forgotten, the rest is kept', async (t) => {
  const { db } = await testDatabase(t)
  await seenBefore(db, 'gitea', ['content:old'])
  await sql`update hook_delivery set at = now() - interval '8 days'`.execute(db)
  await seenBefore(db, 'gitea', ['content:new'])

  await forgetDeliveries(db)

  assert.equal(await seenBefore(db, 'gitea', ['content:new']), true)
  assert.equal(await seenBefore(db, 'gitea', ['content:old']), false)
})
