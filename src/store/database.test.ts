import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDatabaseAway } from '#errors/database-away.ts'
import { testDatabase } from '../../testing/database.ts'

test('a connection that is cut while it is lent out and idle harms only who asks it next', async (t) => {
  const { pool } = await testDatabase(t)
  const lent = await pool.connect()
  const { rows } = await lent.query<{ pid: number }>('select pg_backend_pid() as pid')
  const cut = new Promise((resolve) => lent.once('end', () => resolve(undefined)))

  await pool.query('select pg_terminate_backend($1)', [rows[0]?.pid])
  await cut // without somebody who hears its error, the process would have ended here

  const refusal = await lent.query('select 1').then(
    () => undefined,
    (error: unknown) => error,
  )
  lent.release(true)
  assert.ok(isDatabaseAway(refusal), String(refusal))
  assert.equal((await pool.query('select 1')).rowCount, 1)
})
