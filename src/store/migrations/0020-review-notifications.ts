import { type Kysely, sql } from 'kysely'

/**
 * A change request whose checks ended may wait for a person. Its check run is one per head commit, and so is the cause.
 * What cannot be looked at now is put off, so that others' news does not wait for it.
 */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `alter table notification_cause add column put_off_until timestamptz`,
  `alter table notification add column change text`,
  `create or replace function note_notification() returns trigger language plpgsql as $$
    declare
      what text := case
        when new.state = 'waiting' and new.waiting_for is not null then 'approval-waiting'
        when new.state = 'succeeded' and new.workflow = 'check' then 'approval-waiting'
        when new.state = 'failed' then 'run-failed'
        when new.state = 'succeeded' and new.workflow = 'rollback' then 'rolled-back' end;
      once text := case when new.workflow = 'check' and what = 'approval-waiting' then 'head' else new.version::text end;
    begin
      if what is not null then
        insert into notification_cause (id, kind, run) values (new.id || ':' || once || ':' || what, what, new.id)
          on conflict do nothing;
      end if;
      return null;
    end $$`,
]
