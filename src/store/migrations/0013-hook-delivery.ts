import { type Kysely, sql } from 'kysely'

/** What hooks of products brought, so that no replica takes the same twice. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`create table hook_delivery (
    sender text not null, mark text not null, at timestamptz not null default now(), primary key (sender, mark))`.execute(
    db,
  )
  await sql`create index hook_delivery_at on hook_delivery (at)`.execute(db)
}
