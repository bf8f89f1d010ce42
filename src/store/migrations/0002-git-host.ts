import { type Kysely, sql } from 'kysely'

/** The index of the embedded Git host's change requests. */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table git_change (
    owner text not null, name text not null, number int not null, key text not null, head text not null, base text not null,
    state text not null, created_at timestamptz not null, document jsonb not null, primary key (owner, name, number))`,
  `create index git_change_by_head on git_change (owner, name, head, number desc)`,
  `create index git_change_by_key on git_change (owner, name, key, number desc)`,
  `create index git_change_by_time on git_change (created_at desc)`,
]
