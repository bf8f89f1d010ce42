import { type Generated, type JSONColumnType, sql } from 'kysely'
import type { Database } from './database.ts'

type Facts = Record<string, unknown>

export interface NotificationOutboxTable {
  id: string
  channel: 'mail' | 'webhook'
  /** The name of the person or team. */
  recipient: string
  message: JSONColumnType<Facts, string, string>
  state: Generated<'waiting' | 'sent' | 'given-up'>
  attempts: Generated<number>
  /** When it may be taken; while somebody sends it, when others may. */
  next_at: Generated<Date>
  reason: string | null
  at: Generated<Date>
  ended_at: Date | null
}

export interface OutboxMessage {
  readonly id: string
  readonly channel: 'mail' | 'webhook'
  readonly recipient: string
  readonly message: Facts
  /** This one included. */
  readonly attempts: number
}

/** Puts a message in, once, in the transaction of whoever says why. */
export async function putIntoOutbox(
  tx: Database,
  { id, channel, recipient, message }: Omit<OutboxMessage, 'attempts'>,
): Promise<void> {
  await tx
    .insertInto('notification_outbox')
    .values({ id, channel, recipient, message: JSON.stringify(message), reason: null, ended_at: null })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

/** Takes what is due, for `seconds`: who dies meanwhile leaves it to others, and no two hold the same. */
export async function leaseMessages(
  db: Database,
  { limit, seconds }: { limit: number; seconds: number },
): Promise<OutboxMessage[]> {
  return db
    .updateTable('notification_outbox')
    .set({ attempts: sql`attempts + 1` as never, next_at: sql`now() + make_interval(secs => ${seconds})` as never })
    .where('id', 'in', (query) =>
      query
        .selectFrom('notification_outbox')
        .select('id')
        .where('state', '=', 'waiting')
        .where('next_at', '<=', sql<Date>`now()`)
        .orderBy('next_at')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['id', 'channel', 'recipient', 'message', 'attempts'])
    .execute()
}

/** How an attempt ended. Changes nothing when somebody else took it meanwhile: the attempt says whose lease it is. */
export type AttemptEnd =
  | { readonly state: 'sent' }
  | { readonly state: 'given-up'; readonly reason: string }
  | { readonly state: 'waiting'; readonly reason: string; readonly seconds: number }

export async function endAttempt(
  db: Database,
  { id, attempts }: Pick<OutboxMessage, 'id' | 'attempts'>,
  end: AttemptEnd,
): Promise<void> {
  await db
    .updateTable('notification_outbox')
    .set({
      state: end.state,
      reason: end.state === 'sent' ? null : end.reason,
      ...(end.state === 'waiting'
        ? { next_at: sql`now() + make_interval(secs => ${end.seconds})` as never }
        : { ended_at: sql<Date>`now()` }),
    })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .where('attempts', '=', attempts)
    .execute()
}

/** Messages that were given up, newest first. */
export async function listGivenUp(db: Database, limit: number) {
  return db
    .selectFrom('notification_outbox')
    .select(['id', 'channel', 'recipient', 'attempts', 'reason', 'at', 'ended_at'])
    .where('state', '=', 'given-up')
    .orderBy('ended_at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Lets a message that was given up be tried anew, under its own id. False when there is none. */
export async function sendAgain(db: Database, id: string): Promise<boolean> {
  const row = await db
    .updateTable('notification_outbox')
    .set({ state: 'waiting', attempts: 0, reason: null, ended_at: null, next_at: sql`now()` as never })
    .where('id', '=', id)
    .where('state', '=', 'given-up')
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}
