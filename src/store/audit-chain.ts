import { createHash } from 'node:crypto'
import { type Generated, sql } from 'kysely'
import type { AuditLink, HashedLink } from '#model/audit-chain.ts'
import { canonical } from '#model/audit-lines.ts'
import type { Database } from './database.ts'

export interface AuditChainTable {
  position: number
  seq: number
  previous: string
  hash: string
  at: Generated<Date>
}

/** What stands before the first link. */
export const noHash = '0'.repeat(64)

export interface Linked {
  readonly linked: number
  /** Every record of an older transaction is in the chain; the next call need not look there again. */
  readonly floor: string
  /** Whether a next call would find more at once. */
  readonly more: boolean
}

/**
 * Links the records that are committed and not yet in the chain, in the order of their numbers; undefined when another
 * replica does it at this moment. Seeing is the criterion, not numbers: a record that commits late with a low number is
 * found by a later call. `floor` only saves looking again: when this call's snapshot was taken, every transaction below
 * its xmin had ended, and what it left was linked here.
 */
export async function linkNew(db: Database, floor: string, limit = 2_000): Promise<Linked | undefined> {
  return db.transaction().execute(async (tx) => {
    const lock = await sql<{ held: boolean }>`select pg_try_advisory_xact_lock(727003) as held`.execute(tx)
    if (!lock.rows[0]?.held) return undefined
    const last = await lastLink(tx)
    const { rows } = await freshRecords(floor, limit).execute(tx)
    const records = rows.filter((row) => row.seq !== null)
    const links = hashed(records, last ?? { position: 0, hash: noHash })
    if (links.length > 0) await insertLinks(tx, links)
    const more = records.length === limit
    return { linked: links.length, floor: more ? floor : (rows[0]?.horizon ?? floor), more }
  })
}

/** The newest link, or undefined before the first. */
export async function lastLink(db: Database): Promise<{ position: number; hash: string } | undefined> {
  return db
    .selectFrom('vault.audit_chain')
    .select(['position', 'hash'])
    .orderBy('position', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** The newest link's place and time, and how many records wait for theirs. */
export async function chainEnd(db: Database): Promise<{ position: number; linkedAt?: string; waiting: number }> {
  const { rows } = await sql<{ position: number; linked_at: Date | null; waiting: number }>`
    select coalesce(max(c.position), 0) as position, max(c.at) as linked_at,
      (select count(*) from vault.audit) - count(*) as waiting from vault.audit_chain c`.execute(db)
  const [row] = rows
  const linkedAt = row?.linked_at?.toISOString()
  return { position: Number(row?.position), waiting: Number(row?.waiting), ...(linkedAt && { linkedAt }) }
}

export async function hashAt(db: Database, position: number): Promise<string | undefined> {
  const row = await db
    .selectFrom('vault.audit_chain')
    .select('hash')
    .where('position', '=', position)
    .executeTakeFirst()
  return row?.hash
}

/** A link as it is stored; without `link` its record is gone. */
export interface StoredLink {
  readonly position: number
  readonly seq: number
  readonly hash: string
  readonly link: AuditLink | undefined
}

/** Links behind a place, in order. */
export async function readLinks(db: Database, after: number, limit: number): Promise<StoredLink[]> {
  const { rows } = await sql<ChainRow>`
    select c.position, c.previous, c.hash, c.seq as chain_seq, ${linkedAt} as linked_at, ${recordColumns}
    from vault.audit_chain c left join vault.audit a on a.seq = c.seq
    where c.position > ${after} order by c.position limit ${limit}`.execute(db)
  return rows.map((row) => ({
    position: row.position,
    seq: row.chain_seq,
    hash: row.hash,
    link: row.seq === null ? undefined : linkOf(row),
  }))
}

/** Records that no link names, oldest first: those of the last moment, or some that somebody wants out of the chain. */
export async function unlinkedRecords(
  db: Database,
  { olderThanSeconds }: { olderThanSeconds: number },
): Promise<readonly { seq: number; at: Date }[]> {
  const { rows } = await sql<{ seq: number; at: Date }>`
    select a.seq, a.at from vault.audit a
    where not exists (select 1 from vault.audit_chain c where c.seq = a.seq)
      and a.at < now() - make_interval(secs => ${olderThanSeconds})
    order by a.seq limit 100`.execute(db)
  return rows
}

interface RecordRow {
  readonly seq: number
  readonly record_at: string
  readonly actor: string
  readonly on_behalf_of: string | null
  readonly action: string
  readonly object: string
  readonly phase: AuditLink['phase']
  readonly result: AuditLink['result']
  readonly run: string | null
  readonly commit: string | null
  readonly detail_text: string
  readonly linked_at: string
}

type FreshRow = RecordRow & { readonly horizon: string }
type ChainRow = RecordRow & {
  readonly position: number
  readonly previous: string
  readonly hash: string
  readonly chain_seq: number
}

const linkedAt = sql.raw(`to_char(c.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`)
const now = sql.raw(`to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`)
const recordColumns = sql.raw(`
  a.seq, to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as record_at, a.actor, a.on_behalf_of, a.action,
  a.object, a.phase, a.result, a.run, a.commit, a.detail::text as detail_text`)

// One statement, so one snapshot: the horizon belongs to exactly these records. The row is there even if no record is.
// "materialized" keeps the planner from walking the whole log by its primary key.
function freshRecords(floor: string, limit: number) {
  return sql<FreshRow>`
    with candidate as materialized (select * from vault.audit where xact >= ${floor}::xid8)
    select pg_snapshot_xmin(pg_current_snapshot())::text as horizon, ${now} as linked_at, a.*
    from (values (1)) one left join lateral (
      select ${recordColumns} from candidate a
      where not exists (select 1 from vault.audit_chain c where c.seq = a.seq) order by a.seq limit ${limit}) a on true`
}

function hashed(records: readonly FreshRow[], last: { position: number; hash: string }): HashedLink[] {
  let { position, hash: previous } = last
  return records.map((record) => {
    position += 1
    const link = linkOf({ ...record, position, previous })
    const hash = hashOf(link)
    previous = hash
    return { hash, link }
  })
}

export function hashOf(link: AuditLink): string {
  return createHash('sha256').update(canonical(link)).digest('hex')
}

function linkOf(row: RecordRow & { readonly position: number; readonly previous: string }): AuditLink {
  return {
    position: row.position,
    previous: row.previous,
    linkedAt: row.linked_at,
    seq: row.seq,
    at: row.record_at,
    actor: row.actor,
    onBehalfOf: row.on_behalf_of,
    action: row.action,
    object: row.object,
    phase: row.phase,
    result: row.result,
    run: row.run,
    commit: row.commit,
    detail: row.detail_text,
  }
}

async function insertLinks(db: Database, links: readonly HashedLink[]): Promise<void> {
  const column = <T>(pick: (hashed: HashedLink) => T) => links.map(pick)
  await sql`
    insert into vault.audit_chain (position, seq, previous, hash, at)
    select * from unnest(
      ${column(({ link }) => link.position)}::bigint[], ${column(({ link }) => link.seq)}::bigint[],
      ${column(({ link }) => link.previous)}::text[], ${column(({ hash }) => hash)}::text[],
      ${column(({ link }) => link.linkedAt)}::timestamptz[])`.execute(db)
}
