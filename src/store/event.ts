import { type Generated, sql } from 'kysely'
import type { Database } from './database.ts'

export interface EventTable {
  id: Generated<number>
  type: string
  object: string
  version: Generated<number>
  at: Generated<Date>
}

export interface StoredEvent {
  readonly id: number
  readonly type: string
  readonly object: string
  readonly version: number
}

/** Appends an event that clients may replay; it carries no contents, only what to read again. */
export async function appendEvent(
  db: Database,
  event: { type: string; object: string; version?: number },
): Promise<StoredEvent> {
  const row = await db
    .insertInto('event')
    .values({ type: event.type, object: event.object, version: event.version ?? 0 })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { id: row.id, type: event.type, object: event.object, version: event.version ?? 0 }
}

export async function eventsAfter(db: Database, id: number, limit = 500): Promise<readonly StoredEvent[]> {
  return db
    .selectFrom('event')
    .select(['id', 'type', 'object', 'version'])
    .where('id', '>', id)
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Forgets events older than an hour: a client that was away longer reads everything again. */
export async function pruneEvents(db: Database): Promise<void> {
  await db.deleteFrom('event').where('at', '<', sql<Date>`now() - interval '1 hour'`).execute()
}
