import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import type { Tables } from './tables.ts'

export type Database = Kysely<Tables>
export type Tx = Transaction<Tables>

// Counters and sequence numbers fit a double; as strings they would sort wrongly and break JSON shapes.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

export interface OpenDatabase {
  readonly db: Database
  readonly pool: pg.Pool
  close(): Promise<void>
}

/** Opens a pool on any PostgreSQL 15 or newer. Connections are made on first use; `close` waits for those in use. */
export function openDatabase(url: string, { max = 10 }: { max?: number } = {}): OpenDatabase {
  const pool = new pg.Pool({ connectionString: url, max, application_name: 'fairway' })
  // A connection that breaks while nobody asks it anything must not end the process, neither one that lies in the pool nor
  // one that is lent out: it is replaced on next use, and the query that needs it reports.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  return { db, pool, close: () => db.destroy() }
}
