import { type Kysely, sql } from 'kysely'

/**
 * What of the index waits to be written into Git. Triggers note it, so that no code path forgets and a row and its note
 * are one act. Only the platform's own connections count: what a hand changes in the database is no fact, and the next
 * rebuild takes it back. Rows that were there before are noted all.
 */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const isOwn = `current_setting('application_name') = 'fairway'`

const noted = (table: string, events: string, { key, when }: { key: string; when?: string }) =>
  `create trigger noted_${events.replaceAll(' ', '_')} after ${events} on ${table} for each row
    when (${when ? `${isOwn} and ${when}` : isOwn}) execute function note_record(${key})`

const statements = [
  `create table record_pending (
    kind text not null, key text not null, touch bigint generated always as identity, primary key (kind, key))`,
  `create function note_record() returns trigger language plpgsql as $$
    declare
      fields jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
      place text;
    begin
      select string_agg(fields->>name, '/' order by position) into place
        from unnest(tg_argv[0:]) with ordinality as argument(name, position);
      insert into record_pending (kind, key) values (tg_table_name, place)
        on conflict (kind, key) do update set touch = default;
      return null;
    end $$`,
  noted('service', 'insert or update or delete', { key: `'name'` }),
  noted('release', 'insert or update', { key: `'service', 'commit'` }),
  noted('deployment_outcome', 'insert or update', { key: `'environment', 'service', 'commit'` }),
  noted('run', 'insert or update', { key: `'id'`, when: `new.state not in ('queued', 'running')` }),
  `insert into record_pending (kind, key)
    select 'service', name from service
    union all select 'release', service || '/' || commit from release
    union all select 'deployment_outcome', environment || '/' || service || '/' || commit from deployment_outcome
    union all select 'run', id from run where state not in ('queued', 'running')`,
]
