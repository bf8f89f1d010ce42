import { sql } from 'kysely'
import type { Database } from './database.ts'
import { pointBytes, type SignalStream, type StoredSignal } from './signals-stream.ts'

export interface Ceiling {
  readonly rows: number
  readonly bytes: number
}

export interface Retention {
  /** Days that signals of an environment are kept; undefined where that is not known now, and nothing is forgotten by age. */
  readonly daysOf: (environment: string) => number | undefined
  /** Most that is kept of a signal over all streams. */
  readonly ceilings: Readonly<Record<StoredSignal, Ceiling>>
}

const batch = 5_000

/** Forgets what is too old, then the oldest of whoever holds most until all fits. In batches: no lock is held for long. */
export async function pruneSignals(db: Database, { daysOf, ceilings }: Retention): Promise<void> {
  for (const tier of tiers) await joinPoints(db, tier)
  const streams = await db.selectFrom('signal_stream').select(['signal', 'service', 'environment']).execute()
  for (const stream of streams) {
    const days = daysOf(stream.environment)
    if (days === undefined) continue
    const cutoff = new Date(Date.now() - days * 86_400_000)
    while ((await forget(db, stream, cutoff)) > 0);
  }
  for (const [signal, ceiling] of Object.entries(ceilings) as [StoredSignal, Ceiling][]) {
    await fit(db, signal, ceiling)
  }
  await sql`delete from signal_series where to_at < now() - interval '1 day'`.execute(db)
  await sql`delete from signal_drop where minute < now() - interval '7 days'`.execute(db)
  await sql`delete from signal_stream where rows <= 0 and last_at < now() - interval '1 day'`.execute(db)
}

async function fit(db: Database, signal: StoredSignal, ceiling: Ceiling): Promise<void> {
  for (;;) {
    const streams = await db
      .selectFrom('signal_stream')
      .select(['signal', 'service', 'environment', 'rows', 'bytes'])
      .where('signal', '=', signal)
      .orderBy('bytes', 'desc')
      .execute()
    const rows = streams.reduce((sum, stream) => sum + stream.rows, 0)
    const bytes = streams.reduce((sum, stream) => sum + stream.bytes, 0)
    const [largest] = streams
    if (!largest || (rows <= ceiling.rows && bytes <= ceiling.bytes)) return
    if ((await forget(db, largest, 'all')) === 0) await recount(db, largest)
  }
}

type Stream = SignalStream & { readonly signal: StoredSignal }

/** Forgets the oldest rows of a stream that are older than the cutoff, at most one batch; says how many. */
async function forget(db: Database, stream: Stream, cutoff: Date | 'all'): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with ${goneOf(stream, cutoff === 'all' ? 'infinity' : cutoff.toISOString())},
    total as (select count(*)::int as count, coalesce(sum(size), 0)::bigint as bytes from gone),
    less as (
      update signal_stream as held set rows = held.rows - total.count, bytes = held.bytes - total.bytes from total
      where signal = ${stream.signal} and service = ${stream.service} and environment = ${stream.environment} and total.count > 0)
    select count from total`.execute(db)
  return rows[0]?.count ?? 0
}

// Ids grow with time, so the oldest batch tells whether anything is too old, without an index on time.
function goneOf({ signal, service, environment }: Stream, cutoff: string) {
  const own = sql`service = ${service} and environment = ${environment}`
  if (signal === 'logs') {
    return sql`oldest as (select id, received_at from signal_log where ${own} order by id limit ${batch}),
      gone as (delete from signal_log where ${own} and id in (
        select id from oldest where received_at < ${cutoff}::timestamptz) returning size)`
  }
  if (signal === 'metrics') {
    return sql`oldest as (
        select id from signal_point where ${own} and to_at < ${cutoff}::timestamptz order by to_at limit ${batch}),
      gone as (delete from signal_point using oldest where signal_point.id = oldest.id returning ${pointBytes}::int as size)`
  }
  return sql`oldest as materialized (
      select trace_id from signal_trace where ${own} and start_at < ${cutoff}::timestamptz order by start_at limit 500),
    parts as (delete from signal_trace where ${own} and trace_id in (select trace_id from oldest)),
    gone as (delete from signal_span where ${own} and trace_id in (select trace_id from oldest) returning size)`
}

// The counts follow the rows within one statement; only a crash of the database in between could part them.
async function recount(db: Database, { signal, service, environment }: Stream): Promise<void> {
  await sql`update signal_stream set rows = 0, bytes = 0
    where signal = ${signal} and service = ${service} and environment = ${environment}`.execute(db)
}

interface Tier {
  readonly tier: number
  readonly olderThan: string
  readonly width: string
}

const tiers: readonly Tier[] = [
  { tier: 0, olderThan: '10 minutes', width: '30 seconds' },
  { tier: 1, olderThan: '2 hours', width: '5 minutes' },
]

/** Joins what is older into one point per width, label and instance: an hour and a week are equally quick to read. */
async function joinPoints(db: Database, { tier, olderThan, width }: Tier): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ count: number }>`
      with old as (
        delete from signal_point where id in (select id from signal_point where tier = ${tier}
          and to_at < date_bin(${width}::interval, now() - ${olderThan}::interval, 'epoch') order by to_at limit 20000)
        returning *),
      slot as (
        select service, environment, golden, label, instance, bounds, date_bin(${width}::interval, to_at, 'epoch') as slot,
          min(from_at) as from_at, max(to_at) as to_at, sum(count) as count, sum(sum) as sum,
          array_agg(buckets) filter (where buckets is not null) as every
        from old group by service, environment, golden, label, instance, bounds, slot),
      stored as (
        insert into signal_point (service, environment, golden, label, instance, from_at, to_at, count, sum, bounds, buckets, tier)
        select service, environment, golden, label, instance, from_at, to_at, count, sum, bounds,
          (select array_agg(total order by place) from (
            select (n - 1) % (cardinality(bounds) + 1) as place, sum(value) as total
            from unnest(every) with ordinality as one (value, n) group by place) added), ${tier + 1}
        from slot returning service, environment),
      change as (
        select service, environment, sum(rows) as rows from (
          select service, environment, -1 as rows from old union all select service, environment, 1 from stored) each
        group by service, environment),
      fewer as (
        update signal_stream as stream set rows = stream.rows + change.rows, bytes = stream.bytes + change.rows * ${pointBytes}::int from change
        where stream.signal = 'metrics' and stream.service = change.service and stream.environment = change.environment)
      select count(*)::int as count from old`.execute(db)
    if ((rows[0]?.count ?? 0) === 0) return
  }
}
