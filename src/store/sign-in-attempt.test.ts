import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { testDatabase } from '../../testing/database.ts'
import { openDatabase } from './database.ts'
import { countAttempt, forgiveAttempt } from './sign-in-attempt.ts'

test('attempts at one moment are all counted, for each name and address apart, and a restart forgets none', async (t) => {
  const { url, db } = await testDatabase(t)
  const counted = await Promise.all(Array.from({ length: 40 }, () => countAttempt(db, 'person:dev', 60)))

  assert.deepEqual(
    counted.toSorted((a, b) => a - b),
    Array.from({ length: 40 }, (_, index) => index + 1),
  )
  assert.equal(await countAttempt(db, 'person:dev2', 60), 1)
  const next = openDatabase(url, { max: 1 })
  t.after(() => next.close())
  assert.equal(await countAttempt(next.db, 'person:dev', 60), 41)
})

test('a window that is over begins anew, and what was good is taken back', async (t) => {
  const { db } = await testDatabase(t)
  for (const expected of [1, 2, 3]) assert.equal(await countAttempt(db, 'address:127.0.0.1', 60), expected)
  await forgiveAttempt(db, 'address:127.0.0.1')
  assert.equal(await countAttempt(db, 'address:127.0.0.1', 60), 3)

  await sql`update sign_in_attempt set since = now() - interval '61 seconds'`.execute(db)

  assert.equal(await countAttempt(db, 'address:127.0.0.1', 60), 1)
})
