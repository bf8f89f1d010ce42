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

/** Where PostgreSQL wakes those who tell events to clients. */
export const eventChannel = 'fairway_events'

/** Stores an event that clients may replay and wakes those who tell it; it carries no contents, only what to read again. */
export async function publishEvent(db: Database, { type, object }: { type: string; object: string }): Promise<void> {
  await db
    .with('news', (query) => query.insertInto('event').values({ type, object, version: 0 }))
    .selectNoFrom(sql`pg_notify(${eventChannel}, '')`.as('told'))
    .execute()
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
