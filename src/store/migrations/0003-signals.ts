import { type Kysely, sql } from 'kysely'

/**
 * Log lines, metric points and spans of workloads, what each stream holds, and what was dropped. Lines have no index on
 * their id alone: the planner would walk it through everybody's lines to find a quiet service's.
 */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table signal_log (
    id bigint generated always as identity, service text not null, environment text not null, instance text not null,
    version text, at timestamptz not null, received_at timestamptz not null default now(), level smallint not null, text text not null,
    trace_id text, fields jsonb, size int not null, primary key (service, environment, id))`,
  `create index signal_log_of_trouble on signal_log (service, environment, id) where level >= 4`,
  `create index signal_log_by_trace on signal_log (trace_id, id) where trace_id is not null`,
  `create table signal_point (
    id bigint generated always as identity primary key, service text not null, environment text not null, golden text not null,
    label text not null, instance text not null, from_at timestamptz not null, to_at timestamptz not null,
    count double precision not null, sum double precision not null, bounds double precision[], buckets double precision[],
    tier smallint not null default 0)`,
  `create index signal_point_by_stream on signal_point (service, environment, to_at)`,
  `create index signal_point_to_join on signal_point (tier, to_at) where tier < 2`,
  `create table signal_series (
    service text not null, environment text not null, series text not null, from_at timestamptz, to_at timestamptz not null,
    count double precision not null, sum double precision not null, buckets double precision[],
    primary key (service, environment, series))`,
  `create table signal_span (
    environment text not null, trace_id text not null, service text not null, span_id text not null, parent_id text,
    name text not null, kind text not null, start_at timestamptz not null, duration_ms double precision not null,
    error boolean not null, attributes jsonb not null, size int not null,
    primary key (environment, trace_id, service, span_id))`,
  `create table signal_trace (
    service text not null, environment text not null, trace_id text not null, name text not null, rank smallint not null,
    start_at timestamptz not null, end_at timestamptz not null, error boolean not null,
    received_at timestamptz not null default now(), primary key (service, environment, trace_id))`,
  `create index signal_trace_by_time on signal_trace (service, environment, start_at desc)`,
  `create table signal_stream (
    signal text not null, service text not null, environment text not null, owner text not null, rows bigint not null, bytes bigint not null,
    last_at timestamptz not null default now(), primary key (signal, service, environment))`,
  `create table signal_drop (
    service text not null, environment text not null, signal text not null, reason text not null, minute timestamptz not null,
    count bigint not null, primary key (service, environment, signal, reason, minute))`,
  `create index signal_drop_by_time on signal_drop (minute)`,
]
