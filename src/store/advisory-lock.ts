import { setTimeout as pause } from 'node:timers/promises'
import type { Pool } from 'pg'

const everyMs = 200

/**
 * Does the work while no other process does work under the same number. Who waits asks again and again instead of standing
 * in PostgreSQL's queue: that would be an open transaction, for whose end `create index concurrently` waits, so that a
 * holder who builds one and the waiter would stand still for ever.
 */
export async function withAdvisoryLock<T>(pool: Pool, key: number, work: () => Promise<T>): Promise<T> {
  const connection = await pool.connect()
  try {
    const isOurs = async () => {
      const { rows } = await connection.query<{ ours: boolean }>('select pg_try_advisory_lock($1) as ours', [key])
      return rows[0]?.ours === true
    }
    while (!(await isOurs())) await pause(everyMs)
    try {
      return await work()
    } finally {
      await connection.query('select pg_advisory_unlock($1)', [key])
    }
  } finally {
    connection.release()
  }
}
