import { type Generated, type JSONColumnType, sql } from 'kysely'
import type { Drift, DriftCause, DriftKind, FieldDifference } from '#model/drift.ts'
import type { Database } from './database.ts'

export interface DriftTable {
  id: string
  kind: DriftKind
  path: string
  service: string | null
  environment: string | null
  summary: string
  fields: JSONColumnType<FieldDifference[]>
  cause: JSONColumnType<DriftCause | null, string | null, string | null>
  since: Generated<Date>
  run: string | null
  act: 'revert' | 'adopt' | null
  resolved_at: Date | null
  resolution: Drift['resolution'] | null
}

export interface DriftRow extends Omit<Drift, 'revert' | 'adopt' | 'owner'> {
  readonly act?: 'revert' | 'adopt'
}

export interface FoundDrift {
  readonly kind: DriftKind
  readonly path: string
  readonly service?: string | undefined
  readonly environment?: string | undefined
  readonly summary: string
  readonly fields: readonly FieldDifference[]
  readonly cause?: DriftCause | undefined
}

/** Keeps what was found. `since`, and a cause that is no longer told, stay as they were while it is open. */
export async function keepDrift(
  db: Database,
  id: string,
  found: FoundDrift,
): Promise<{ id: string; isNew: boolean; isChanged: boolean }> {
  const open = await db
    .selectFrom('drift')
    .selectAll()
    .where('path', '=', found.path)
    .where('kind', '=', found.kind)
    .where('resolved_at', 'is', null)
    .executeTakeFirst()
  const cause = found.cause ?? open?.cause
  const contents = {
    summary: found.summary,
    fields: JSON.stringify(found.fields),
    cause: cause ? JSON.stringify(cause) : null,
  }
  if (open) {
    const isChanged = open.summary !== found.summary || !isSame(open.fields, found.fields)
    if (isChanged) await db.updateTable('drift').set(contents).where('id', '=', open.id).execute()
    return { id: open.id, isNew: false, isChanged }
  }
  const place = { path: found.path, service: found.service ?? null, environment: found.environment ?? null }
  const none = { run: null, act: null, resolved_at: null, resolution: null }
  const inserted = await db
    .insertInto('drift')
    .values({ id, kind: found.kind, ...place, ...contents, ...none })
    .onConflict((conflict) => conflict.doNothing()) // another replica was faster
    .executeTakeFirst()
  return { id, isNew: (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n, isChanged: false }
}

/** Closes an open drift, saying by what: the act whose run settled it, else it went by itself. Undefined when it is closed already. */
export async function closeDrift(db: Database, id: string): Promise<DriftRow | undefined> {
  const row = await db
    .updateTable('drift')
    .set({
      resolved_at: sql<Date>`now()`,
      resolution: sql<
        'reverted' | 'adopted' | 'gone'
      >`case act when 'revert' then 'reverted' when 'adopt' then 'adopted' else 'gone' end`,
    })
    .where('id', '=', id)
    .where('resolved_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  return row && rowOf(row)
}

/** Remembers which run was asked to settle it. */
export async function markDrift(
  db: Database,
  id: string,
  { run, act }: { run: string; act: 'revert' | 'adopt' },
): Promise<void> {
  await db.updateTable('drift').set({ run, act }).where('id', '=', id).where('resolved_at', 'is', null).execute()
}

export async function findDrift(db: Database, id: string): Promise<DriftRow | undefined> {
  const row = await db.selectFrom('drift').selectAll().where('id', '=', id).executeTakeFirst()
  return row && rowOf(row)
}

export interface DriftFilter {
  readonly open: boolean
  readonly kind?: DriftKind | undefined
  readonly service?: string | undefined
  readonly environment?: string | undefined
  readonly limit: number
}

/** Newest first. */
export async function listDrift(db: Database, filter: DriftFilter): Promise<readonly DriftRow[]> {
  let query = db
    .selectFrom('drift')
    .selectAll()
    .where('resolved_at', filter.open ? 'is' : 'is not', null)
    .orderBy('since', 'desc')
    .orderBy('id')
    .limit(filter.limit)
  if (filter.kind) query = query.where('kind', '=', filter.kind)
  if (filter.service) query = query.where('service', '=', filter.service)
  if (filter.environment) query = query.where('environment', '=', filter.environment)
  return (await query.execute()).map(rowOf)
}

function rowOf(row: Awaited<ReturnType<typeof shape>>[number]): DriftRow {
  return {
    id: row.id,
    kind: row.kind,
    path: row.path,
    ...(row.service && { service: row.service }),
    ...(row.environment && { environment: row.environment }),
    summary: row.summary,
    fields: row.fields,
    ...(row.cause && { cause: row.cause }),
    since: row.since.toISOString(),
    ...(row.run && { run: row.run }),
    ...(row.act && { act: row.act }),
    ...(row.resolved_at && { resolvedAt: row.resolved_at.toISOString() }),
    ...(row.resolution && { resolution: row.resolution }),
  }
}

const shape = (db: Database) => db.selectFrom('drift').selectAll().execute()

function isSame(before: readonly FieldDifference[], after: readonly FieldDifference[]): boolean {
  const text = (fields: readonly FieldDifference[]) =>
    JSON.stringify(fields.map(({ field, wanted, live }) => [field, wanted, live]))
  return text(before) === text(after)
}
