import { type JSONColumnType, sql } from 'kysely'
import {
  type Notification,
  type NotificationKind,
  NotificationPreferences,
  usualPreferences,
} from '#model/notification.ts'
import type { Database } from './database.ts'

export interface NotificationCauseTable {
  id: string
  kind: NotificationKind
  run: string
  at: Date
  told_at: Date | null
  put_off_until: Date | null
}

export interface NotificationTable {
  id: string
  person: string
  kind: NotificationKind
  title: string
  run: string
  /** `owner/name#number` */
  change: string | null
  service: string | null
  environment: string | null
  at: Date
  read_at: Date | null
}

export interface NotificationPreferenceTable {
  person: string
  chosen: JSONColumnType<NotificationPreferences, string, string>
}

export type NotificationCause = Pick<NotificationCauseTable, 'id' | 'kind' | 'run' | 'at'>

/** The oldest cause that nobody was told of, held by this transaction; others go on with the next. */
export async function takeCause(tx: Database): Promise<NotificationCause | undefined> {
  return tx
    .selectFrom('notification_cause')
    .select(['id', 'kind', 'run', 'at'])
    .where('told_at', 'is', null)
    .where(sql<boolean>`coalesce(put_off_until <= now(), true)`)
    .orderBy('at')
    .orderBy('id')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
}

export async function markTold(tx: Database, id: string): Promise<void> {
  await tx.updateTable('notification_cause').set({ told_at: sql<Date>`now()` }).where('id', '=', id).execute()
}

/** Lets others' news go first. */
export async function putOff(tx: Database, id: string, seconds: number): Promise<void> {
  const until = sql<Date>`now() + make_interval(secs => ${seconds})`
  await tx.updateTable('notification_cause').set({ put_off_until: until }).where('id', '=', id).execute()
}

/** Puts it into the person's inbox, once. */
export async function insertNotification(tx: Database, row: Omit<NotificationTable, 'read_at'>): Promise<void> {
  await tx
    .insertInto('notification')
    .values({ ...row, read_at: null })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

export interface NotificationFilter {
  readonly person: string
  readonly unread?: boolean | undefined
  readonly kind?: NotificationKind | undefined
  /** `<at ISO>,<id>` of the last one seen. */
  readonly before?: string | undefined
  readonly limit: number
}

/** Of one person, newest first. */
export async function listNotifications(db: Database, filter: NotificationFilter): Promise<Notification[]> {
  let query = db.selectFrom('notification').selectAll().where('person', '=', filter.person)
  if (filter.unread) query = query.where('read_at', 'is', null)
  if (filter.kind) query = query.where('kind', '=', filter.kind)
  if (filter.before) {
    const [at, id] = filter.before.split(',')
    query = query.where(sql<boolean>`(date_trunc('milliseconds', at), id) < (${at}::timestamptz, ${id})`)
  }
  const rows = await query
    .orderBy(sql`date_trunc('milliseconds', at)`, 'desc')
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    title: row.title,
    run: row.run,
    ...(row.change && { change: row.change }),
    ...(row.service && { service: row.service }),
    ...(row.environment && { environment: row.environment }),
    path: pathOf(row),
    at: row.at.toISOString(),
    ...(row.read_at && { readAt: row.read_at.toISOString() }),
  }))
}

/** The page of the portal that a notification is about. */
export function pathOf({ run, change }: { run: string; change?: string | null | undefined }): string {
  return change ? `/changes/${change.replace('#', '/')}` : `/runs/${run}`
}

export async function countUnread(db: Database, person: string): Promise<number> {
  const row = await db
    .selectFrom('notification')
    .select(sql<number>`count(*)`.as('unread'))
    .where('person', '=', person)
    .where('read_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(row.unread)
}

/** Marks these of the person's own, or all; says how many it changed. */
export async function markRead(db: Database, person: string, ids?: readonly string[]): Promise<number> {
  let query = db
    .updateTable('notification')
    .set({ read_at: sql<Date>`now()` })
    .where('person', '=', person)
    .where('read_at', 'is', null)
  if (ids) query = query.where('id', 'in', ids.length > 0 ? [...ids] : [''])
  return Number((await query.executeTakeFirst()).numUpdatedRows)
}

export async function preferencesOf(db: Database, person: string): Promise<NotificationPreferences> {
  const row = await db
    .selectFrom('notification_preference')
    .select('chosen')
    .where('person', '=', person)
    .executeTakeFirst()
  const read = NotificationPreferences.safeParse(row?.chosen)
  return read.success ? read.data : usualPreferences
}

export async function keepPreferences(db: Database, person: string, chosen: NotificationPreferences): Promise<void> {
  const text = JSON.stringify(chosen)
  await db
    .insertInto('notification_preference')
    .values({ person, chosen: text })
    .onConflict((conflict) => conflict.column('person').doUpdateSet({ chosen: text }))
    .execute()
}

/** Forgets what was told 90 days ago, and what left or was given up as long ago. */
export async function pruneNotifications(db: Database): Promise<void> {
  const old = sql<Date>`now() - interval '90 days'`
  await db.deleteFrom('notification').where('at', '<', old).execute()
  await db.deleteFrom('notification_cause').where('told_at', '<', old).execute()
  await db.deleteFrom('notification_outbox').where('ended_at', '<', old).execute()
}
