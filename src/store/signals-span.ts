import { type Generated, type JSONColumnType, sql } from 'kysely'
import type { Span } from '#model/signals.ts'
import type { Database } from './database.ts'
import type { SignalOrigin, SignalStream } from './signals-stream.ts'

export interface SignalSpanTable {
  environment: string
  trace_id: string
  service: string
  span_id: string
  parent_id: string | null
  name: string
  kind: string
  start_at: Date
  duration_ms: number
  error: boolean
  attributes: JSONColumnType<Record<string, unknown>>
  size: number
}

/** One service's own part of a trace. */
export interface SignalTraceTable {
  service: string
  environment: string
  trace_id: string
  name: string
  /** 0 for a span without parent, 1 for one that answers a request, 2 for any other: the name is that of the lowest. */
  rank: number
  start_at: Date
  end_at: Date
  error: boolean
  received_at: Generated<Date>
}

export interface NewSpan extends SignalOrigin {
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string | undefined
  readonly name: string
  readonly kind: string
  readonly startMs: number
  readonly durationMs: number
  readonly error: boolean
  readonly attributes: Record<string, unknown>
}

/** Stores spans and the service's part of their traces. A span sent twice counts once. */
export async function appendSpans(db: Database, spans: readonly NewSpan[]): Promise<void> {
  if (spans.length === 0) return
  await sql`
    with given as materialized (
      select *, to_timestamp(start_ms / 1000) as start_at, case when parent_id is null then 0 when kind in ('server', 'consumer') then 1 else 2 end as rank
      from json_to_recordset(${JSON.stringify(spans.map(row))}::json) as span (service text, environment text, owner text, trace_id text,
        span_id text, parent_id text, name text, kind text, start_ms float8, duration_ms float8, error boolean, attributes jsonb, size int)),
    fresh as (
      insert into signal_span (environment, trace_id, service, span_id, parent_id, name, kind, start_at, duration_ms, error, attributes, size)
      select environment, trace_id, service, span_id, parent_id, name, kind, start_at, duration_ms, error, attributes, size from given
      order by environment, trace_id, service, span_id
      on conflict do nothing returning environment, service, size),
    part as (
      insert into signal_trace as known (service, environment, trace_id, name, rank, start_at, end_at, error)
      select service, environment, trace_id, (array_agg(name order by rank, start_at))[1], min(rank), min(start_at),
        max(start_at + duration_ms * interval '1 ms'), bool_or(error) from given group by service, environment, trace_id
      order by service, environment, trace_id
      on conflict (service, environment, trace_id) do update set
        name = case when excluded.rank < known.rank then excluded.name else known.name end,
        rank = least(known.rank, excluded.rank), start_at = least(known.start_at, excluded.start_at),
        end_at = greatest(known.end_at, excluded.end_at), error = known.error or excluded.error)
    insert into signal_stream as stream (signal, service, environment, owner, rows, bytes)
    select 'traces', fresh.service, fresh.environment, (select max(owner) from given where given.service = fresh.service), count(*), sum(size)
    from fresh group by fresh.service, fresh.environment order by fresh.service, fresh.environment
    on conflict (signal, service, environment) do update set rows = stream.rows + excluded.rows,
      bytes = stream.bytes + excluded.bytes, owner = excluded.owner, last_at = now()`.execute(db)
}

export interface TraceQuery {
  readonly from: string
  readonly to: string
  readonly limit: number
  readonly errorsOnly?: boolean
  readonly minDurationMs?: number
}

export interface TracePart {
  readonly traceId: string
  readonly name: string
  readonly startedAt: string
  readonly durationMs: number
  readonly error: boolean
}

/** The service's own part of its traces, newest first. */
export async function listTraceParts(
  db: Database,
  stream: SignalStream,
  query: TraceQuery,
): Promise<readonly TracePart[]> {
  const { rows } = await sql<Omit<TracePart, 'startedAt'> & { startedAt: Date }>`
    select trace_id as "traceId", name, start_at as "startedAt", error,
      round((extract(epoch from end_at - start_at) * 1000)::numeric, 3)::float8 as "durationMs"
    from signal_trace where service = ${stream.service} and environment = ${stream.environment}
      and start_at >= ${query.from}::timestamptz and start_at < ${query.to}::timestamptz
      ${query.errorsOnly ? sql`and error` : sql``}
      ${query.minDurationMs ? sql`and end_at - start_at >= ${query.minDurationMs}::float8 * interval '1 ms'` : sql``}
    order by start_at desc limit ${query.limit}`.execute(db)
  return rows.map((part) => ({ ...part, startedAt: part.startedAt.toISOString() }))
}

/** Where each span of some traces hangs, in one environment, whoever sent it. */
export interface SpanPlace {
  readonly traceId: string
  readonly service: string
  readonly spanId: string
  readonly parentId: string | null
}

export async function spanPlaces(
  db: Database,
  stream: SignalStream,
  traceIds: readonly string[],
): Promise<readonly SpanPlace[]> {
  if (traceIds.length === 0) return []
  const { rows } = await sql<SpanPlace>`
    select trace_id as "traceId", service, span_id as "spanId", parent_id as "parentId" from signal_span
    where environment = ${stream.environment} and trace_id = any(${[...traceIds]})
    order by service <> ${stream.service} limit 50000`.execute(db)
  return rows
}

/** Spans of one trace in one environment, whoever sent them; at most 5,000, the stream's own before others'. */
export async function readSpans(db: Database, stream: SignalStream, traceId: string): Promise<readonly Span[]> {
  const rows = await db
    .selectFrom('signal_span')
    .selectAll()
    .select(sql<number>`(extract(epoch from start_at) * 1000)::float8`.as('start_ms'))
    .where('environment', '=', stream.environment)
    .where('trace_id', '=', traceId)
    .orderBy(sql`service <> ${stream.service}`)
    .orderBy('start_at')
    .limit(5_000)
    .execute()
  return rows.map((span) => ({
    spanId: span.span_id,
    ...(span.parent_id !== null && { parentId: span.parent_id }),
    name: span.name,
    kind: span.kind,
    service: span.service,
    startedAt: span.start_at.toISOString(),
    startMs: span.start_ms,
    durationMs: span.duration_ms,
    error: span.error,
    attributes: span.attributes,
  }))
}

function row({ traceId, spanId, parentId, startMs, durationMs, ...span }: NewSpan) {
  const size = Buffer.byteLength(JSON.stringify(span.attributes)) + span.name.length + 250
  const ids = { trace_id: traceId, span_id: spanId, parent_id: parentId ?? null }
  return { ...span, ...ids, start_ms: startMs, duration_ms: durationMs, size }
}
