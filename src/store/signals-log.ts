import { type Generated, type JSONColumnType, type RawBuilder, sql } from 'kysely'
import { PlatformError } from '#errors/platform-error.ts'
import { levels } from '#lib/otlp/level.ts'
import type { LogLine } from '#model/signals.ts'
import type { Database } from './database.ts'
import type { SignalOrigin, SignalStream } from './signals-stream.ts'

export interface SignalLogTable {
  id: Generated<number>
  service: string
  environment: string
  instance: string
  version: string | null
  at: Date
  received_at: Generated<Date>
  level: number
  text: string
  trace_id: string | null
  fields: JSONColumnType<Record<string, unknown>> | null
  size: number
}

export interface NewLogLine extends SignalOrigin, Omit<LogLine, 'cursor'> {}

/** Stores lines in the order given, in one statement, and adds them to what their streams hold. */
export async function appendLogLines(db: Database, lines: readonly NewLogLine[]): Promise<void> {
  if (lines.length === 0) return
  const rows = JSON.stringify(lines.map(row))
  await sql`
    with line as materialized (
      select * from json_to_recordset(${rows}::json) as line (service text, environment text, owner text, instance text,
        version text, at timestamptz, level smallint, text text, trace_id text, fields jsonb, size int)),
    stored as (
      insert into signal_log (service, environment, instance, version, at, level, text, trace_id, fields, size)
      select service, environment, instance, version, at, level, text, trace_id, fields, size from line)
    insert into signal_stream as stream (signal, service, environment, owner, rows, bytes)
    select 'logs', service, environment, max(owner), count(*), sum(size) from line group by service, environment
    order by service, environment
    on conflict (signal, service, environment) do update set rows = stream.rows + excluded.rows,
      bytes = stream.bytes + excluded.bytes, owner = excluded.owner, last_at = now()`.execute(db)
}

export interface LogQuery {
  readonly after?: string
  readonly before?: string
  readonly limit: number
  readonly level?: LogLine['level']
  readonly contains?: string
  readonly traceId?: string
}

/** Oldest first. With `after` the next lines behind it, else the newest before `before`. `contains` is plain text: no character of it means anything. */
export async function readLogLines(db: Database, stream: SignalStream, query: LogQuery): Promise<readonly LogLine[]> {
  const forwards = query.after !== undefined
  const conditions = [
    sql`service = ${stream.service}`,
    sql`environment = ${stream.environment}`,
    ...(query.after === undefined ? [] : [sql`id > ${cursorOf(query.after)}`]),
    ...(query.before === undefined ? [] : [sql`id < ${cursorOf(query.before)}`]),
    ...(query.level === undefined ? [] : [sql`level >= ${levelNumber(query.level)}`]),
    ...(query.contains ? [sql`strpos(text, ${query.contains}) > 0`] : []),
    ...(query.traceId === undefined ? [] : [sql`trace_id = ${query.traceId}`]),
  ]
  if (query.contains?.includes('\u0000')) return [] // PostgreSQL has no text with it, so no line contains it
  const { rows } = await select(conditions, { forwards, limit: query.limit }).execute(db)
  return (forwards ? rows : rows.reverse()).map(view)
}

interface LogRow {
  id: number
  instance: string
  version: string | null
  at: Date
  level: number
  text: string
  trace_id: string | null
  fields: Record<string, unknown> | null
}

function select(conditions: RawBuilder<unknown>[], { forwards, limit }: { forwards: boolean; limit: number }) {
  return sql<LogRow>`select id, instance, version, at, level, text, trace_id, fields from signal_log
    where ${sql.join(conditions, sql` and `)} order by id ${forwards ? sql`asc` : sql`desc`} limit ${limit}`
}

function row({ level, traceId, fields, ...line }: NewLogLine) {
  const json = fields === undefined ? null : fields
  const size = Buffer.byteLength(line.text) + (json === null ? 0 : Buffer.byteLength(JSON.stringify(json))) + 120
  return { ...line, level: levelNumber(level), trace_id: traceId ?? null, fields: json, size }
}

function view(line: LogRow): LogLine {
  return {
    cursor: String(line.id),
    at: line.at.toISOString(),
    level: levels[line.level - 1] ?? 'info',
    text: line.text,
    instance: line.instance,
    ...(line.version !== null && { version: line.version }),
    ...(line.trace_id !== null && { traceId: line.trace_id }),
    ...(line.fields !== null && { fields: line.fields }),
  }
}

function levelNumber(level: LogLine['level']): number {
  return levels.indexOf(level) + 1
}

function cursorOf(text: string): number {
  const id = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(id)) throw new PlatformError('INPUT_INVALID', 'the cursor is not one that a log query gave')
  return id
}
