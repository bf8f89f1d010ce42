import { type Generated, sql } from 'kysely'
import type { Database } from './database.ts'
import { inTransaction } from './transaction.ts'
import type { Pool } from 'pg'

/** What the index holds and Git shall hold too; the name is the table's. */
export const recordKinds = ['service', 'release', 'deployment_outcome', 'drift', 'run'] as const
export type RecordKind = (typeof recordKinds)[number]

export interface RecordPendingTable {
  kind: RecordKind
  key: string
  touch: Generated<number>
}

export interface Pending {
  readonly kind: RecordKind
  readonly key: string
  readonly touch: number
}

type Row = Readonly<Record<string, unknown>>

/** A row of the index as it is kept elsewhere; a run has its steps with it. */
export interface RecordedRow {
  readonly kind: RecordKind
  readonly key: string
  readonly row: Row
  readonly steps?: readonly Row[]
}

/** Oldest first. */
export async function pendingRecords(db: Database, limit: number): Promise<readonly Pending[]> {
  return db.selectFrom('record_pending').selectAll().orderBy('touch').limit(limit).execute()
}

/** Takes notes back; one that was touched again since it was read stays. */
export async function forgetPending(db: Database, pending: readonly Pending[]): Promise<void> {
  const column = <T>(pick: (one: Pending) => T) => pending.map(pick)
  await sql`
    delete from record_pending p using unnest(
      ${column(({ kind }) => kind)}::text[], ${column(({ key }) => key)}::text[], ${column(({ touch }) => touch)}::bigint[]
    ) as done(kind, key, touch) where p.kind = done.kind and p.key = done.key and p.touch = done.touch`.execute(db)
}

/** The rows that these notes are about; one that is gone is left out. */
export async function readRecords(db: Database, pending: readonly Pending[]): Promise<readonly RecordedRow[]> {
  const found = await Promise.all(
    recordKinds.map(async (kind) => {
      const keys = pending.filter((one) => one.kind === kind).map(({ key }) => key)
      if (keys.length === 0) return []
      const steps = kind === 'run' ? stepsOf : sql.raw('null')
      const { rows } = await sql<{ key: string; row: Row; steps: Row[] | null }>`
        select ${keyOf[kind]} as key, to_jsonb(t) as row, ${steps} as steps
        from ${sql.table(kind)} t where ${keyOf[kind]} = any(${keys}::text[])`.execute(db)
      return rows.map(({ key, row, steps: own }) => ({ kind, key, row, ...(own && { steps: own }) }))
    }),
  )
  return found.flat()
}

const keyOf: Readonly<Record<RecordKind, ReturnType<typeof sql.raw>>> = {
  service: sql.raw('t.name'),
  release: sql.raw(`t.service || '/' || t.commit`),
  deployment_outcome: sql.raw(`t.environment || '/' || t.service || '/' || t.commit`),
  drift: sql.raw('t.id'),
  run: sql.raw('t.id'),
}

const stepsOf = sql.raw(
  `(select coalesce(jsonb_agg(to_jsonb(s) order by s.position), '[]') from run_step s where s.run = t.id)`,
)

/**
 * Makes the index exactly these records, in one transaction: readers see the rows of before until it ends, writers wait.
 * What is newer than Git stays as it is: runs under way, and rows noted since the records were read. Repeating it, or
 * cutting it off anywhere, does no harm.
 */
export async function replaceRecords(pool: Pool, records: readonly RecordedRow[]): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await sql`set local application_name = 'fairway rebuild'`.execute(tx) // what comes from Git need not go back there
    await sql`set local lock_timeout = '30s'`.execute(tx)
    await sql`lock table run, run_step, release, service, deployment_outcome, drift, record_pending in exclusive mode`.execute(
      tx,
    )
    const newer = new Set((await pendingRecords(tx, 1_000_000)).map(({ kind, key }) => `${kind} ${key}`))
    for (const id of await runsUnderWay(tx)) newer.add(`run ${id}`)
    const older = records.filter(({ kind, key }) => !newer.has(`${kind} ${key}`))
    for (const kind of recordKinds) {
      const own = older.filter((record) => record.kind === kind)
      const keep = [...own.map(({ key }) => key), ...keysOf(newer, kind)]
      await sql`delete from ${sql.table(kind)} t where not (${keyOf[kind]} = any(${keep}::text[]))`.execute(tx)
      await upsert(
        tx,
        kind,
        own.map(({ row }) => row),
      )
    }
    const runs = older.filter(({ kind }) => kind === 'run')
    await sql`delete from run_step where run = any(${runs.map(({ key }) => key)}::text[])`.execute(tx)
    await upsert(
      tx,
      'run_step',
      runs.flatMap(({ steps = [] }) => steps),
    )
  })
}

function keysOf(newer: ReadonlySet<string>, kind: RecordKind): string[] {
  return [...newer].filter((name) => name.startsWith(`${kind} `)).map((name) => name.slice(kind.length + 1))
}

async function runsUnderWay(db: Database): Promise<readonly string[]> {
  const rows = await db.selectFrom('run').select('id').where('state', 'in', ['queued', 'running']).execute()
  return rows.map(({ id }) => id)
}

const primary: Readonly<Record<RecordKind | 'run_step', string>> = {
  service: 'name',
  release: 'service, commit',
  deployment_outcome: 'service, environment, commit',
  drift: 'id',
  run: 'id',
  run_step: 'run, name',
}

/** Only the columns that a record has: one that is newer than the record keeps its default. */
async function upsert(db: Database, table: RecordKind | 'run_step', rows: readonly Row[]): Promise<void> {
  const known = await columnsOf(db, table)
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const columns = known.filter((name) => name in row).join(' ')
    groups.set(columns, [...(groups.get(columns) ?? []), row])
  }
  for (const [names, own] of groups) {
    const columns = names.split(' ')
    const list = sql.join(columns.map((name) => sql.ref(name)))
    const set = sql.join(columns.map((name) => sql`${sql.ref(name)} = excluded.${sql.ref(name)}`))
    await sql`
      insert into ${sql.table(table)} (${list}) overriding system value
      select ${list} from jsonb_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(own)}::jsonb)
      on conflict (${sql.raw(primary[table])}) do update set ${set}`.execute(db)
  }
}

async function columnsOf(db: Database, table: string): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select attname as name from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped order by attnum`.execute(db)
  return rows.map(({ name }) => name)
}

/** What a rebuild cannot give back, as far as it is missing here: see the report's `lost`. */
export async function countLost(db: Database): Promise<{ runsWithoutLog: number; sessions: number; signals: number }> {
  const { rows } = await sql<{ runs: number; sessions: number; signals: number }>`
    select
      (select count(*) from run r where exists (select 1 from run_step s where s.run = r.id and s.started_at is not null)
        and not exists (select 1 from run_log l where l.run = r.id)) as runs,
      (select count(*) from session where carrier = 'cookie' and expires_at > now()) as sessions,
      (select count(*) from signal_stream) as signals`.execute(db)
  const [row] = rows
  return { runsWithoutLog: Number(row?.runs), sessions: Number(row?.sessions), signals: Number(row?.signals) }
}

/**
 * After a restore Git is newer than the database: notes about what Git has in a later state are taken back, so that the
 * older row does not go over it. A run counts its changes; a live service is later than a reserved one.
 */
export async function dropOlderNotes(db: Database, records: readonly RecordedRow[]): Promise<void> {
  const older = await Promise.all(
    (await pendingRecords(db, 1_000_000)).map(async (note) => {
      const there = records.find(({ kind, key }) => kind === note.kind && key === note.key)
      const [here] = there ? await readRecords(db, [note]) : []
      const isLater = here && there && (rankOf(here.row) ?? 0) > (rankOf(there.row) ?? 0)
      return there && !isLater ? [note] : []
    }),
  )
  await forgetPending(db, older.flat())
}

function rankOf(row: Row): number | undefined {
  if (typeof row['version'] === 'number') return row['version']
  return row['state'] === 'live' ? 1 : 0
}
