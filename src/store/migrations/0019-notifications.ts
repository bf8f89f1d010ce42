import { type Kysely, sql } from 'kysely'

/**
 * What people are to be told, and the outbox. A trigger notes the cause, so that it commits with the run's own change and
 * no code path forgets. Only the platform's own connections count: neither a rebuild nor a restore is news.
 */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table notification_cause (
    id text primary key, kind text not null, run text not null, at timestamptz not null default now(), told_at timestamptz)`,
  `create index notification_cause_untold on notification_cause (at) where told_at is null`,
  `create table notification (
    id text primary key, person text not null, kind text not null, title text not null, run text not null,
    service text, environment text, at timestamptz not null, read_at timestamptz)`,
  `create index notification_of on notification (person, at desc, id desc)`,
  `create table notification_outbox (
    id text primary key, channel text not null, recipient text not null, message jsonb not null,
    state text not null default 'waiting', attempts int not null default 0, next_at timestamptz not null default now(),
    reason text, at timestamptz not null default now(), ended_at timestamptz)`,
  `create index notification_outbox_waiting on notification_outbox (next_at) where state = 'waiting'`,
  `create table notification_preference (person text primary key, chosen jsonb not null)`,
  `create function note_notification() returns trigger language plpgsql as $$
    declare
      what text := case
        when new.state = 'waiting' and new.waiting_for is not null then 'approval-waiting'
        when new.state = 'failed' then 'run-failed'
        when new.state = 'succeeded' and new.workflow = 'rollback' then 'rolled-back' end;
    begin
      if what is not null then
        insert into notification_cause (id, kind, run) values (new.id || ':' || new.version || ':' || what, what, new.id)
          on conflict do nothing;
      end if;
      return null;
    end $$`,
  `create trigger noted_for_people after update on run for each row
    when (current_setting('application_name') = 'fairway' and old.state is distinct from new.state)
    execute function note_notification()`,
]
