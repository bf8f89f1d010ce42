import { type Generated, type JSONColumnType, sql } from 'kysely'
import type { AuditRecord } from '#model/audit.ts'
import type { Database } from './database.ts'

export interface AuditTable {
  seq: Generated<number>
  at: Generated<Date>
  actor: string
  on_behalf_of: string | null
  action: string
  object: string
  phase: AuditRecord['phase']
  result: AuditRecord['result'] | null
  run: string | null
  commit: string | null
  detail: JSONColumnType<Record<string, unknown>>
  /** The transaction that wrote it. */
  xact: Generated<string>
}

export type NewAudit = Omit<AuditRecord, 'seq' | 'at' | 'detail'> & { readonly detail?: Record<string, unknown> }

/** Appends one record. Call it with the transaction that makes the change, so that both exist or neither. */
export async function appendAudit(db: Database, record: NewAudit): Promise<void> {
  await auditInsert(db, record).execute()
}

/** The same, as a part of a larger statement, whose `facts` join the detail. */
export function auditInsert(query: Pick<Database, 'insertInto'>, record: NewAudit, facts = sql`'{}'::jsonb`) {
  return query.insertInto('vault.audit').values({
    actor: record.actor,
    on_behalf_of: record.onBehalfOf ?? null,
    action: record.action,
    object: record.object,
    phase: record.phase,
    result: record.result ?? null,
    run: record.run ?? null,
    commit: record.commit ?? null,
    detail: sql`${JSON.stringify(record.detail ?? {})}::jsonb || ${facts}` as never,
  })
}

export interface AuditFilter {
  readonly actor?: string
  readonly object?: string
  readonly objects?: readonly string[]
  readonly action?: string
  readonly run?: string
  readonly beforeSeq?: number
  readonly limit: number
}

/** Newest first. */
export async function listAudit(db: Database, filter: AuditFilter): Promise<readonly AuditRecord[]> {
  let query = db.selectFrom('vault.audit').selectAll().orderBy('seq', 'desc').limit(filter.limit)
  if (filter.actor) query = query.where('actor', '=', filter.actor)
  if (filter.object) query = query.where('object', '=', filter.object)
  if (filter.objects) query = query.where('object', 'in', filter.objects)
  if (filter.action) query = query.where('action', '=', filter.action)
  if (filter.run) query = query.where('run', '=', filter.run)
  if (filter.beforeSeq) query = query.where('seq', '<', filter.beforeSeq)
  const rows = await query.execute()
  return rows.map((row) => ({
    seq: row.seq,
    at: row.at.toISOString(),
    actor: row.actor,
    ...(row.on_behalf_of && { onBehalfOf: row.on_behalf_of }),
    action: row.action,
    object: row.object,
    phase: row.phase,
    ...(row.result && { result: row.result }),
    ...(row.run && { run: row.run }),
    ...(row.commit && { commit: row.commit }),
    detail: row.detail,
  }))
}
