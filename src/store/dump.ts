import { createReadStream, createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Pool } from 'pg'
import { PlatformError } from '#errors/platform-error.ts'
import type { Database } from './database.ts'
import { inTransaction } from './transaction.ts'

/** A table's rows in a file of JSON lines. */
export interface DumpedTable {
  readonly schema: string
  readonly table: string
  readonly file: string
  readonly rows: number
}

export interface Dump {
  readonly tables: readonly DumpedTable[]
  /** Migrations that the database had. */
  readonly migrations: readonly string[]
  readonly sequences: readonly { schema: string; sequence: string; last: number }[]
}

/**
 * Writes every row of ours and of the engine into files below `folder`, as of one moment, while others write. Rows travel as
 * PostgreSQL's own JSON text, which this process never reads: numbers, times and JSON come back as they were.
 */
export async function dumpDatabase(pool: Pool, folder: string): Promise<Dump> {
  return inTransaction(pool, async (tx) => {
    await sql`set transaction isolation level repeatable read, read only`.execute(tx)
    const names = await tablesOf(tx)
    const tables: DumpedTable[] = []
    for (const { schema, table } of names) {
      const file = `${schema}.${table}.jsonl`
      tables.push({ schema, table, file, rows: await dumpTable(tx, { schema, table, file: join(folder, file) }) })
    }
    const { rows: sequences } = await sql<{ schema: string; sequence: string; last: number }>`
      select schemaname as schema, sequencename as sequence, last_value as last from pg_sequences
      where last_value is not null and schemaname = any(${[...new Set(names.map(({ schema }) => schema))]})`.execute(tx)
    const { rows: done } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(tx)
    return { tables, sequences, migrations: done.map(({ name }) => name) }
  })
}

/** Fills a database that has the tables and no rows, in one transaction. RESTORE_NOT_EMPTY when there are rows. */
export async function loadDatabase(pool: Pool, folder: string, dump: Dump): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await sql`set local application_name = 'fairway restore'`.execute(tx) // its rows are no news to be recorded
    const known = await tablesOf(tx)
    for (const { schema, table } of known) await requireEmpty(tx, `${schema}.${table}`)
    const byName = new Map(dump.tables.map((table) => [`${table.schema}.${table.table}`, table]))
    for (const { schema, table } of known) {
      const dumped = byName.get(`${schema}.${table}`)
      if (dumped) await loadTable(tx, { schema, table, file: join(folder, dumped.file) })
    }
    for (const { schema, sequence, last } of dump.sequences)
      await sql`select setval(format('%I.%I', ${schema}::text, ${sequence}::text)::regclass, ${last}::bigint)
        where to_regclass(format('%I.%I', ${schema}::text, ${sequence}::text)) is not null`.execute(tx)
  })
}

/** The id of the transaction that wrote a record means nothing in another cluster: there it is the restore's own. */
const leftOut = 'xact'

async function dumpTable(
  db: Database,
  { schema, table, file }: { schema: string; table: string; file: string },
): Promise<number> {
  const stream = createWriteStream(file, { mode: 0o600 })
  await sql`declare dump no scroll cursor for select (to_jsonb(t) - ${sql.lit(leftOut)})::text as line
    from ${sql.table(`${schema}.${table}`)} t`.execute(db)
  let count = 0
  for (;;) {
    const { rows } = await sql<{ line: string }>`fetch 1000 from dump`.execute(db)
    if (rows.length === 0) break
    count += rows.length
    if (!stream.write(rows.map(({ line }) => `${line}\n`).join(''))) await once(stream, 'drain')
  }
  await sql`close dump`.execute(db)
  stream.end()
  await once(stream, 'close')
  return count
}

async function loadTable(
  db: Database,
  { schema, table, file }: { schema: string; table: string; file: string },
): Promise<void> {
  const target = sql.table(`${schema}.${table}`)
  const columns = await columnsOf(db, `${schema}.${table}`)
  const insert = async (lines: readonly string[]) => {
    const [first] = lines
    if (first === undefined) return
    const given = Object.keys(JSON.parse(first) as object)
    const list = sql.join(columns.filter((name) => given.includes(name)).map((name) => sql.ref(name)))
    await sql`insert into ${target} (${list}) overriding system value
      select ${list} from jsonb_populate_recordset(null::${target}, ${`[${lines.join(',')}]`}::jsonb)`.execute(db)
  }
  let lines: string[] = []
  let size = 0
  for await (const line of linesOf(file)) {
    lines.push(line)
    size += line.length
    if (lines.length < 2_000 && size < 8_000_000) continue
    await insert(lines)
    lines = []
    size = 0
  }
  await insert(lines)
}

/** Not node:readline: it also ends a line at characters that a JSON text may hold. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

/** Ours and the engine's, those first that others refer to; what says which migrations ran belongs to the schema. */
async function tablesOf(db: Database): Promise<{ schema: string; table: string }[]> {
  const { rows } = await sql<{ schema: string; table: string; needs: string[] }>`
    select n.nspname as schema, c.relname as table, array(
      select distinct f.confrelid::regclass::oid::text from pg_constraint f
      where f.contype = 'f' and f.conrelid = c.oid and f.confrelid <> c.oid) as needs, c.oid::text as id
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema$)' and c.relname !~ 'migration'
    order by 1, 2`.execute(db)
  const open = rows as ((typeof rows)[number] & { id: string })[]
  const done = new Set<string>()
  const ordered: { schema: string; table: string }[] = []
  while (ordered.length < open.length) {
    const next = open.find(({ id, needs }) => !done.has(id) && needs.every((need) => done.has(need)))
    if (!next) throw new PlatformError('INTERNAL', 'tables refer to each other in a circle')
    done.add(next.id)
    ordered.push({ schema: next.schema, table: next.table })
  }
  return ordered
}

async function requireEmpty(db: Database, name: string): Promise<void> {
  const { rows } = await sql`select 1 from ${sql.table(name)} limit 1`.execute(db)
  if (rows.length > 0)
    throw new PlatformError('RESTORE_NOT_EMPTY', `the database has rows in ${name} already`, {
      hint: 'restore into an empty database',
    })
}

/** Columns that take a value; a computed one does not. */
async function columnsOf(db: Database, name: string): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select attname as name from pg_attribute
    where attrelid = ${name}::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`.execute(
    db,
  )
  return rows.map(({ name: column }) => column)
}
