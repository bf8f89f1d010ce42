import { type Generated, sql } from 'kysely'
import type { Golden, OtlpPoint } from '#lib/otlp/metric-points.ts'
import { type Growth, growthOf, type SeriesState } from '#lib/otlp/series-growth.ts'
import type { Database } from './database.ts'
import { pointBytes, type SignalOrigin, type SignalStream } from './signals-stream.ts'

/** What happened between two instants: requests by status class with their durations, or the mean of a gauge. */
export interface SignalPointTable {
  id: Generated<number>
  service: string
  environment: string
  golden: Golden
  label: string
  instance: string
  from_at: Date
  to_at: Date
  count: number
  sum: number
  bounds: number[] | null
  buckets: number[] | null
  /** How often it was joined with its neighbours in time: 0, then half a minute, then five minutes. */
  tier: Generated<number>
}

/** The last value of a series, from which the next one grows. */
export interface SignalSeriesTable {
  service: string
  environment: string
  series: string
  from_at: Date | null
  to_at: Date
  count: number
  sum: number
  buckets: number[] | null
}

/** A service with more series than this does not get new ones: a label with unbounded values must not fill the store. */
export const maxSeries = 2_000

/** Stores what grew since the last points of the same series. Gives back how many points were over the limit of series. */
export async function appendPoints(
  db: Database,
  origin: SignalOrigin,
  points: readonly OtlpPoint[],
): Promise<{ overLimit: number }> {
  if (points.length === 0) return { overLimit: 0 }
  return db.transaction().execute(async (tx) => {
    // Two exports of one workload at once would both grow from the same state.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`signals/${origin.service}/${origin.environment}`}, 0))`.execute(
      tx,
    )
    const states = await readStates(tx, origin, points)
    const room = maxSeries - (await countSeries(tx, origin))
    const { growth, fresh, overLimit } = grow(points, { states, room })
    await writeStates(tx, origin, fresh)
    await writePoints(tx, origin, growth)
    return { overLimit }
  })
}

function grow(points: readonly OtlpPoint[], { states, room }: { states: Map<string, SeriesState>; room: number }) {
  const growth: Growth[] = []
  const fresh = new Map<string, SeriesState>()
  let overLimit = 0
  let left = room
  for (const point of points) {
    const last = states.get(point.series)
    if (!last && left-- <= 0) {
      overLimit++
      continue
    }
    const next = growthOf(point, last)
    if (!next) continue
    states.set(point.series, next.state)
    fresh.set(point.series, next.state)
    if (next.growth) growth.push(next.growth)
  }
  return { growth: merged(growth), fresh, overLimit }
}

// One export has a point per route and method; the charts need one per status class.
function merged(growth: readonly Growth[]): Growth[] {
  const rows = new Map<string, Growth>()
  for (const next of growth) {
    const key = JSON.stringify([next.golden, next.label, next.instance, next.fromMs, next.toMs, next.bounds])
    const known = rows.get(key)
    rows.set(key, known ? added(known, next) : next)
  }
  return [...rows.values()]
}

function added(one: Growth, other: Growth): Growth {
  const buckets = one.buckets?.map((value, at) => value + (other.buckets?.[at] ?? 0))
  const gauge = one.golden === 'requests' || one.golden === 'cpu-time' ? one.count + other.count : one.count
  return { ...one, count: gauge, sum: one.sum + other.sum, ...(buckets && { buckets }) }
}

async function readStates(tx: Database, stream: SignalStream, points: readonly OtlpPoint[]) {
  const rows = await tx
    .selectFrom('signal_series')
    .selectAll()
    .where('service', '=', stream.service)
    .where('environment', '=', stream.environment)
    .where('series', 'in', [...new Set(points.map(({ series }) => series))])
    .execute()
  return new Map<string, SeriesState>(
    rows.map((row) => [
      row.series,
      {
        fromMs: row.from_at?.getTime(),
        toMs: row.to_at.getTime(),
        count: row.count,
        sum: row.sum,
        buckets: row.buckets ?? undefined,
      },
    ]),
  )
}

async function countSeries(tx: Database, { service, environment }: SignalStream): Promise<number> {
  const { count } = await tx
    .selectFrom('signal_series')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('service', '=', service)
    .where('environment', '=', environment)
    .executeTakeFirstOrThrow()
  return count
}

async function writeStates(tx: Database, stream: SignalStream, states: ReadonlyMap<string, SeriesState>) {
  const rows = [...states].map(([series, state]) => ({
    series,
    from_ms: state.fromMs ?? null,
    to_ms: state.toMs,
    count: state.count,
    sum: state.sum,
    buckets: state.buckets ? arrayText(state.buckets) : null,
  }))
  await sql`insert into signal_series (service, environment, series, from_at, to_at, count, sum, buckets)
    select ${stream.service}, ${stream.environment}, series, to_timestamp(from_ms / 1000), to_timestamp(to_ms / 1000), count, sum, buckets::float8[]
    from json_to_recordset(${JSON.stringify(rows)}::json) as state (series text, from_ms float8, to_ms float8, count float8, sum float8, buckets text)
    on conflict (service, environment, series) do update set from_at = excluded.from_at, to_at = excluded.to_at,
      count = excluded.count, sum = excluded.sum, buckets = excluded.buckets`.execute(tx)
}

async function writePoints(tx: Database, origin: SignalOrigin, growth: readonly Growth[]) {
  if (growth.length === 0) return
  const rows = growth.map(({ fromMs, toMs, bounds, buckets, ...row }) => ({
    ...row,
    from_ms: fromMs,
    to_ms: toMs,
    bounds: bounds ? arrayText(bounds) : null,
    buckets: buckets ? arrayText(buckets) : null,
  }))
  await sql`
    with point as materialized (
      select * from json_to_recordset(${JSON.stringify(rows)}::json) as point (golden text, label text, instance text,
        from_ms float8, to_ms float8, count float8, sum float8, bounds text, buckets text)),
    stored as (
      insert into signal_point (service, environment, golden, label, instance, from_at, to_at, count, sum, bounds, buckets)
      select ${origin.service}, ${origin.environment}, golden, label, instance, to_timestamp(from_ms / 1000), to_timestamp(to_ms / 1000),
        count, sum, bounds::float8[], buckets::float8[] from point)
    insert into signal_stream as stream (signal, service, environment, owner, rows, bytes)
    select 'metrics', ${origin.service}, ${origin.environment}, ${origin.owner}, count(*), count(*) * ${pointBytes}::int from point
    on conflict (signal, service, environment) do update set rows = stream.rows + excluded.rows,
      bytes = stream.bytes + excluded.bytes, owner = excluded.owner, last_at = now()`.execute(tx)
}

function arrayText(values: readonly number[]): string {
  return `{${values.join(',')}}`
}

/** Everything of a stream that touches the range, oldest first. */
export async function readPoints(
  db: Database,
  stream: SignalStream,
  range: { from: string; to: string },
): Promise<readonly Growth[]> {
  const rows = await db
    .selectFrom('signal_point')
    .selectAll()
    .where('service', '=', stream.service)
    .where('environment', '=', stream.environment)
    .where('to_at', '>', new Date(range.from))
    .where('to_at', '<', sql<Date>`${range.to}::timestamptz + interval '10 minutes'`)
    .where('from_at', '<', new Date(range.to))
    .orderBy('to_at')
    .limit(200_000)
    .execute()
  return rows.map((row) => ({
    golden: row.golden,
    label: row.label,
    instance: row.instance,
    fromMs: row.from_at.getTime(),
    toMs: row.to_at.getTime(),
    count: row.count,
    sum: row.sum,
    ...(row.bounds && row.buckets && { bounds: row.bounds, buckets: row.buckets }),
  }))
}
