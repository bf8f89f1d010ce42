import { type Kysely, sql } from 'kysely'

/**
 * Who carries an execution of a run now. Each taking raises the token; `hold_execution` ends the transaction of whoever
 * shows an older one, and makes a taking wait for the writes of the one who still held it.
 */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table run_execution (execution text primary key, token bigint not null, taken_at timestamptz not null default now())`,
  `create function hold_execution(wanted text, shown bigint) returns boolean language plpgsql as $$
    begin
      perform 1 from run_execution where execution = wanted and token = shown for share;
      if not found then raise exception 'execution % was taken over', wanted using errcode = 'FW001'; end if;
      return true;
    end $$`,
  `alter table run add column cancelled_by text`,
]
