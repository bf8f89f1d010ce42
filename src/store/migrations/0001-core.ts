import { type Kysely, sql } from 'kysely'

/** Runs, sessions, catalog index, releases, events, and the append-only audit table in schema `vault`. */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create schema vault`,
  `create table run (
    id text primary key, workflow text not null, state text not null, service text, environment text, team text,
    requested_by text not null, input jsonb not null, result jsonb, error jsonb, waiting_for text, execution text not null,
    started_at timestamptz not null default now(), finished_at timestamptz, version int not null default 1)`,
  `create index run_by_time on run (started_at desc, id)`,
  `create index run_by_service on run (service, started_at desc)`,
  `create table run_step (
    run text not null references run on delete cascade, name text not null, position int not null, title text not null,
    state text not null, attempt int not null default 0, effect text, output jsonb, error jsonb,
    started_at timestamptz, finished_at timestamptz, primary key (run, name))`,
  `create table run_log (
    seq bigint generated always as identity primary key, run text not null references run on delete cascade,
    step text not null, at timestamptz not null default now(), level text not null, text text not null)`,
  `create index run_log_by_run on run_log (run, seq)`,
  `create table idempotency (
    actor text not null, key text not null, route text not null, body_digest text not null, run text,
    created_at timestamptz not null default now(), primary key (actor, key))`,
  `create table session (
    token_digest text primary key, person text not null, carrier text not null, created_at timestamptz not null default now(),
    expires_at timestamptz not null, last_seen_at timestamptz not null default now())`,
  `create table entity (
    ref text primary key, kind text not null, namespace text not null, name text not null, owner text, document jsonb not null,
    source text not null, commit text, read_at timestamptz not null default now(), problem text)`,
  `create index entity_by_source on entity (source)`,
  `create table service (
    name text primary key, owner text not null, template text not null, template_version text not null, answers jsonb not null,
    state text not null, run text not null, created_at timestamptz not null default now())`,
  `create table release (
    service text not null, commit text not null, owner text not null, version text not null, image text not null, digest text not null,
    config_digest text not null, message text not null, created_by text not null, run text not null,
    created_at timestamptz not null default now(), primary key (service, commit))`,
  `create table deployment_outcome (
    service text not null, environment text not null, commit text not null, outcome text not null, reason text,
    at timestamptz not null default now(), primary key (service, environment, commit))`,
  `create table event (
    id bigint generated always as identity primary key, type text not null, object text not null, version int not null default 0,
    at timestamptz not null default now())`,
  `create index event_by_time on event (at)`,
  `create table replica (id text primary key, heartbeat_at timestamptz not null default now())`,
  `create table vault.audit (
    seq bigint generated always as identity primary key, at timestamptz not null default now(), actor text not null, on_behalf_of text,
    action text not null, object text not null, phase text not null, result text, run text, commit text, detail jsonb not null)`,
  `create index audit_by_object on vault.audit (object, seq desc)`,
  `create index audit_by_run on vault.audit (run, seq)`,
  `create function vault.refuse_change() returns trigger language plpgsql as $$
    begin raise exception 'the audit log is append-only'; end $$`,
  `create trigger audit_append_only before update or delete on vault.audit for each row execute function vault.refuse_change()`,
  `create trigger audit_no_truncate before truncate on vault.audit for each statement execute function vault.refuse_change()`,
]
