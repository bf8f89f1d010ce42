import { type Kysely, sql } from 'kysely'

/** What was found to differ from what was approved. A path has one open row per kind; closed ones are history. */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table if not exists drift (
    id text primary key, kind text not null, path text not null, service text, environment text, summary text not null,
    fields jsonb not null, cause jsonb, since timestamptz not null default now(), run text, act text,
    resolved_at timestamptz, resolution text)`,
  `create unique index if not exists drift_open on drift (path, kind) where resolved_at is null`,
  `create index if not exists drift_by_service on drift (service, since desc)`,
]
