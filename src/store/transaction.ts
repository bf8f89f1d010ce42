import { Kysely, PostgresDialect } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import type { Database } from './database.ts'
import type { Tables } from './tables.ts'

/**
 * One transaction on one connection, given both as Kysely and as `pg` client, so that our rows and the engine's
 * "start this run" commit or vanish together. A throw rolls everything back.
 */
export async function inTransaction<T>(pool: Pool, work: (tx: Database, client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work(bind(client), client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => {
      broken = failure
    })
    throw error
  } finally {
    client.release(broken)
  }
}

function bind(client: PoolClient): Database {
  const borrowed = { query: client.query.bind(client), release() {} }
  const pool = { connect: async () => borrowed, end: async () => {} }
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: pool as never }) })
}
