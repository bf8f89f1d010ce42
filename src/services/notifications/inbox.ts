import { PlatformError } from '#errors/platform-error.ts'
import type { Notification, NotificationKind, NotificationPreferences } from '#model/notification.ts'
import { appendAudit } from '#store/audit.ts'
import { publishEvent } from '#store/event.ts'
import * as rows from '#store/notification.ts'
import { listGivenUp, sendAgain } from '#store/notification-outbox.ts'
import { inTransaction } from '#store/transaction.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller } from '../caller.ts'

interface InboxQuery {
  readonly unread?: boolean | undefined
  readonly kind?: NotificationKind | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/** The caller's own, newest first. Nobody reads what others were told. */
export async function readInbox(
  { db }: Platform,
  caller: Caller,
  { cursor, limit, ...filter }: InboxQuery,
): Promise<{ items: Notification[]; unread: number; next?: string }> {
  authorise(caller, 'read')
  const person = caller.person.name
  const found = await rows.listNotifications(db, { ...filter, person, before: cursor, limit: limit + 1 })
  const items = found.slice(0, limit)
  const last = items.at(-1)
  const more = found.length > limit && last ? { next: `${last.at},${last.id}` } : {}
  return { items, unread: await rows.countUnread(db, person), ...more }
}

/** Marks the caller's own as read: these, or all when none are named. An id of somebody else's changes nothing. */
export async function markInboxRead(
  { pool }: Platform,
  caller: Caller,
  ids?: readonly string[],
): Promise<{ marked: number }> {
  authorise(caller, 'read')
  const { name } = caller.person
  return inTransaction(pool, async (tx) => {
    const marked = await rows.markRead(tx, name, ids)
    await appendAudit(tx, {
      actor: name,
      action: 'notification.read',
      object: `person:${name}`,
      phase: 'act',
      result: 'ok',
      detail: { marked },
    })
    if (marked > 0) await publishEvent(tx, { type: 'notification', object: name })
    return { marked }
  })
}

/** What the caller chose, and which ways out there are for them. */
export async function readPreferences({ db, ports }: Platform, caller: Caller) {
  authorise(caller, 'read')
  const { mail, webhook } = ports.notifications
  const { name, email, teams } = caller.person
  return {
    chosen: await rows.preferencesOf(db, name),
    mail: { isSetUp: mail !== undefined, ...(email !== undefined && { address: email }) },
    webhooks: teams.flatMap((team) => {
      const kinds = webhook?.teams.get(team)
      return kinds ? [{ team, kinds: [...kinds] }] : []
    }),
  }
}

/** Keeps what the caller wants to be told, from the next news on. */
export async function keepPreferences(platform: Platform, caller: Caller, chosen: NotificationPreferences) {
  authorise(caller, 'read')
  const { name } = caller.person
  await inTransaction(platform.pool, async (tx) => {
    await rows.keepPreferences(tx, name, chosen)
    const act = { actor: name, action: 'notification.prefer', object: `person:${name}` } as const
    await appendAudit(tx, { ...act, phase: 'act', result: 'ok', detail: chosen })
  })
  return readPreferences(platform, caller)
}

/** Messages that could not be delivered, newest first, with why. */
export async function listUndelivered({ db }: Platform, caller: Caller) {
  authorise(caller, 'platform.inspect')
  const found = await listGivenUp(db, 200)
  return found.map(({ reason, at, ended_at: endedAt, ...rest }) => ({
    ...rest,
    reason: reason ?? 'unknown',
    at: at.toISOString(),
    givenUpAt: (endedAt ?? at).toISOString(),
  }))
}

/** Tries a message that was given up anew, under the id it had. */
export async function sendMessageAgain({ pool }: Platform, caller: Caller, id: string): Promise<{ id: string }> {
  authorise(caller, 'platform.inspect')
  return inTransaction(pool, async (tx) => {
    if (!(await sendAgain(tx, id)))
      throw new PlatformError('NOT_FOUND', 'no message of that id was given up', {
        hint: 'fairway notifications given-up',
      })
    const act = { actor: caller.person.name, action: 'notification.send-again', object: `message:${id}` } as const
    await appendAudit(tx, { ...act, phase: 'act', result: 'ok', detail: {} })
    return { id }
  })
}
