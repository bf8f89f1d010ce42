import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { testDatabase } from '../../testing/database.ts'
import type { Database } from './database.ts'
import { appendLogLines, readLogLines } from './signals-log.ts'
import { appendPoints, readPoints } from './signals-metric.ts'
import { pruneSignals, type Retention } from './signals-retention.ts'
import { appendSpans } from './signals-span.ts'

const much = { rows: 1_000_000, bytes: 1_000_000_000 }
const keep: Retention = { daysOf: () => 7, ceilings: { logs: much, metrics: much, traces: much } }
const dev = { service: 'shop', environment: 'dev', owner: 'team-a' }
const production = { ...dev, environment: 'production' }

test('lines live as many days as their environment says', async (t) => {
  const { db } = await testDatabase(t)
  await append(db, { ...dev, texts: ['old'] })
  await append(db, { ...production, texts: ['old, but kept'] })
  await sql`update signal_log set received_at = now() - interval '10 days'`.execute(db)
  await append(db, { ...dev, texts: ['new'] })

  await pruneSignals(db, { ...keep, daysOf: (environment) => (environment === 'production' ? 30 : 7) })

  assert.deepEqual(await texts(db, dev), ['new'])
  assert.deepEqual(await texts(db, production), ['old, but kept'])
})

test('where nobody knows how long an environment keeps its lines, none are forgotten', async (t) => {
  const { db } = await testDatabase(t)
  await append(db, { ...dev, texts: ['old'] })
  await sql`update signal_log set received_at = now() - interval '100 days'`.execute(db)

  await pruneSignals(db, { ...keep, daysOf: () => undefined })

  assert.deepEqual(await texts(db, dev), ['old'])
})

test('over the ceiling the oldest lines of whoever holds most go first', async (t) => {
  const { db } = await testDatabase(t)
  await append(db, { ...dev, service: 'quiet', texts: ['stays'] })
  await append(db, { ...dev, texts: Array.from({ length: 6_000 }, (_, at) => `line ${at}`) })

  await pruneSignals(db, { ...keep, ceilings: { ...keep.ceilings, logs: { rows: 2_000, bytes: 1_000_000_000 } } })

  assert.deepEqual(await texts(db, { ...dev, service: 'quiet' }), ['stays'])
  assert.equal((await texts(db, dev)).at(-1), 'line 5999')
  assert.equal(await rowsOf(db, 'signal_log'), 1_001)
  const counted = await db
    .selectFrom('signal_stream')
    .select(({ fn }) => fn.sum<number>('rows').as('rows'))
    .executeTakeFirstOrThrow()
  assert.equal(Number(counted.rows), 1_001)
})

test('old traces go with all their spans', async (t) => {
  const { db } = await testDatabase(t)
  const span = {
    ...dev,
    spanId: '1'.repeat(16),
    parentId: undefined,
    name: 'x',
    kind: 'server',
    durationMs: 1,
    error: false,
    attributes: {},
  }
  await appendSpans(db, [
    { ...span, traceId: 'a'.repeat(32), startMs: Date.now() - 8 * 86_400_000 },
    { ...span, traceId: 'b'.repeat(32), startMs: Date.now() },
  ])

  await pruneSignals(db, keep)

  assert.deepEqual([await rowsOf(db, 'signal_trace'), await rowsOf(db, 'signal_span')], [1, 1])
})

test('old points are joined without losing a request', async (t) => {
  const { db } = await testDatabase(t)
  const start = Date.now() - 5 * 3_600_000
  const head = { golden: 'requests', label: '2xx', instance: 'one', temporality: 'delta', bounds: [0.1, 1] } as const
  const points = Array.from({ length: 200 }, (_, at) => ({
    ...head,
    series: 's',
    fromMs: start + at * 5_000,
    toMs: start + (at + 1) * 5_000,
    count: 6,
    sum: 0.6,
    buckets: [3, 2, 1],
  }))
  await appendPoints(db, dev, points)
  const range = { from: new Date(start - 60_000).toISOString(), to: new Date().toISOString() }

  await pruneSignals(db, keep)
  await pruneSignals(db, keep)

  const joined = await readPoints(db, dev, range)
  assert.ok(joined.length <= 5, `${joined.length} points`)
  assert.equal(
    joined.reduce((sum, { count }) => sum + count, 0),
    1_200,
  )
  const buckets = [0, 1, 2].map((at) => joined.reduce((sum, point) => sum + (point.buckets?.[at] ?? 0), 0))
  assert.deepEqual(buckets, [600, 400, 200])
  const stream = await db.selectFrom('signal_stream').select('rows').executeTakeFirstOrThrow()
  assert.equal(stream.rows, joined.length)
})

async function append(
  db: Database,
  { texts: all, ...origin }: typeof dev & { texts: readonly string[] },
): Promise<void> {
  const at = new Date().toISOString()
  await appendLogLines(
    db,
    all.map((text) => ({ ...origin, at, level: 'info', text, instance: 'one' })),
  )
}

async function texts(db: Database, stream: { service: string; environment: string }): Promise<string[]> {
  return (await readLogLines(db, stream, { limit: 10_000 })).map(({ text }) => text)
}

async function rowsOf(db: Database, table: 'signal_log' | 'signal_trace' | 'signal_span'): Promise<number> {
  return Number(
    (
      await db
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<number>().as('rows'))
        .executeTakeFirstOrThrow()
    ).rows,
  )
}
