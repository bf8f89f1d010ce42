import { type Kysely, sql } from 'kysely'

/**
 * The hash chain over the audit log. A record's transaction id tells the chainer which records cannot be behind it: all
 * whose transaction is older than every one still open. Records that were there before get this migration's.
 */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const guarded = (table: string) => [
  `create or replace trigger audit_append_only before update or delete on ${table} for each row execute function vault.refuse_change()`,
  `create or replace trigger audit_no_truncate before truncate on ${table} for each statement execute function vault.refuse_change()`,
  `alter table ${table} enable always trigger audit_append_only, enable always trigger audit_no_truncate`,
]

const statements = [
  `alter table vault.audit add column xact xid8 not null default pg_current_xact_id()`,
  `create index audit_by_xact on vault.audit (xact)`,
  `create table vault.audit_chain (
    position bigint primary key, seq bigint not null unique, previous text not null, hash text not null, at timestamptz not null)`,
  ...guarded('vault.audit'),
  ...guarded('vault.audit_chain'),
]
