import { type Kysely, sql } from 'kysely'

/** Drift is recorded in Git too: since when something differed, and what somebody did about it, can be found nowhere else. */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create or replace trigger noted_insert_or_update after insert or update on drift for each row
    when (current_setting('application_name') = 'fairway') execute function note_record('id')`,
  `insert into record_pending (kind, key) select 'drift', id from drift on conflict do nothing`,
]
