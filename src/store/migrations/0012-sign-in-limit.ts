import { type Kysely, sql } from 'kysely'

/** Attempts to sign in, per name and per address, so that neither a restart nor a flood of other records forgets them. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`create table sign_in_attempt (
    subject text primary key, attempts int not null, since timestamptz not null default now())`.execute(db)
}
