import { type Kysely, sql } from 'kysely'

/** Sealed secrets: one row per version. A row without a box is the mark of a deletion, so that no version number comes twice. */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table vault.secret (
    owner text not null, service text not null, environment text not null, name text not null, version int not null,
    key_id text, nonce bytea, box bytea, set_by text not null, set_at timestamptz not null default now(),
    primary key (owner, service, environment, name, version))`,
]
