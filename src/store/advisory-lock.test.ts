import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pool } from 'pg'
import { testDatabase } from '../../testing/database.ts'
import { lastFirst } from '../../testing/last-first.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import { withAdvisoryLock } from './advisory-lock.ts'

test('who waits for the lock holds up no index that its holder builds concurrently, and comes next', async (t) => {
  const after = lastFirst(t)
  const { url } = await testDatabase({ after })
  const [holder, waiter] = [1, 2].map(
    () => new Pool({ connectionString: url, application_name: 'lock-test', options: '-c statement_timeout=10s' }),
  )
  if (!holder || !waiter) throw new Error('two pools')
  after(() => Promise.all([holder.end(), waiter.end()]))
  await holder.query('create table big (a int)')
  const order: string[] = []
  let waiting: Promise<unknown> | undefined

  await withAdvisoryLock(holder, 4711, async () => {
    waiting = withAdvisoryLock(waiter, 4711, async () => order.push('second'))
    const asks = `select 1 from pg_stat_activity where query ~ 'advisory_lock' and pid <> pg_backend_pid() and application_name = 'lock-test'`
    await waitUntil(async () => (await holder.query(asks)).rows.length === 2, { what: 'the second one to ask' })
    await holder.query('create index concurrently big_a on big (a)')
    order.push('first')
  })
  await waiting

  assert.deepEqual(order, ['first', 'second'])
})
