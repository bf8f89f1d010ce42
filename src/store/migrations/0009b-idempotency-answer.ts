import { type Kysely, sql } from 'kysely'

/** What was answered to a request with an Idempotency-Key, for requests that start no run. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql.raw(`alter table idempotency add column answer jsonb`).execute(db)
  await sql.raw(`create index idempotency_by_time on idempotency (created_at)`).execute(db)
}
