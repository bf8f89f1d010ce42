import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { testDatabase } from './database.ts'

test('two tests never see each other and both see the whole schema', async (t) => {
  const [one, other] = await Promise.all([testDatabase(t), testDatabase(t)])
  await sql`create table only_here ()`.execute(one.db)

  const tables = await other.db.introspection.getTables()

  assert.ok(tables.length > 3)
  assert.ok(!tables.some(({ name }) => name === 'only_here'))
})

test('a database is gone after its test', async (t) => {
  const leaving: (() => unknown)[] = []
  const gone = await testDatabase({ after: (work) => void leaving.push(work as () => unknown) })
  const name = new URL(gone.url).pathname.slice(1)
  for (const work of leaving) await work()
  const { db } = await testDatabase(t)

  const { rows } = await sql`select 1 from pg_database where datname = ${name}`.execute(db)

  assert.deepEqual(rows, [])
})
