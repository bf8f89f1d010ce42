import { sql } from 'kysely'
import type { Database } from './database.ts'

/** Whose signals: the stamp that the receiver took from the workload's token. */
export interface SignalOrigin {
  readonly service: string
  readonly environment: string
  readonly owner: string
}

/** One service in one environment; always a bound parameter, never part of a query's text. */
export type SignalStream = Pick<SignalOrigin, 'service' | 'environment'>
export type StoredSignal = 'logs' | 'metrics' | 'traces'

/** What a point counts for: it has no texts, so all are about as large. */
export const pointBytes = 400

/** What a stream holds, so that limits need no counting. */
export interface SignalStreamTable {
  signal: StoredSignal
  service: string
  environment: string
  owner: string
  rows: number
  bytes: number
  last_at: Date
}

export interface SignalDropTable {
  service: string
  environment: string
  signal: StoredSignal
  reason: string
  minute: Date
  count: number
}

export interface NewDrop extends SignalStream {
  readonly signal: StoredSignal
  readonly reason: string
  readonly count: number
}

/** What was not stored of one signal for one reason. */
export interface Drops {
  readonly signal: StoredSignal
  readonly reason: string
  readonly count: number
  readonly first: string
  readonly last: string
}

/** Adds to the count of the running minute. */
export async function recordDrops(db: Database, drops: readonly NewDrop[]): Promise<void> {
  if (drops.length === 0) return
  const rows = drops.map((drop) => ({ ...drop, minute: sql<Date>`date_trunc('minute', now())` as never }))
  await db
    .insertInto('signal_drop')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['service', 'environment', 'signal', 'reason', 'minute'])
        .doUpdateSet({ count: sql<number>`signal_drop.count + excluded.count` }),
    )
    .execute()
}

/** What was dropped of a stream in the last `minutes`, largest first. */
export async function readDrops(db: Database, stream: SignalStream, minutes: number): Promise<readonly Drops[]> {
  const { rows } = await sql<{ signal: StoredSignal; reason: string; count: string; first: Date; last: Date }>`
    select signal, reason, sum(count) as count, min(minute) as first, max(minute) as last from signal_drop
    where service = ${stream.service} and environment = ${stream.environment} and minute > now() - make_interval(mins => ${minutes})
    group by signal, reason order by sum(count) desc, signal, reason`.execute(db)
  return rows.map(({ count, first, last, ...row }) => ({
    ...row,
    count: Number(count),
    first: first.toISOString(),
    last: last.toISOString(),
  }))
}
