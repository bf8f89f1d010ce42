import { createHash, randomBytes } from 'node:crypto'
import { type Generated, sql } from 'kysely'
import type { Database } from './database.ts'

export interface SessionTable {
  token_digest: string
  person: string
  carrier: 'cookie' | 'token'
  created_at: Generated<Date>
  expires_at: Date
  last_seen_at: Generated<Date>
}

/** Starts a session; only the digest of the 256-bit token is kept. */
export async function startSession(
  db: Database,
  session: { person: string; carrier: 'cookie' | 'token'; hours: number },
): Promise<{ token: string; expiresAt: Date }> {
  const token = `fws_${randomBytes(32).toString('base64url')}`
  const expiresAt = new Date(Date.now() + session.hours * 3_600_000)
  await db
    .insertInto('session')
    .values({ token_digest: digest(token), person: session.person, carrier: session.carrier, expires_at: expiresAt })
    .execute()
  return { token, expiresAt }
}

/** Whose session it is; undefined when unknown, expired or ended. */
export async function findSession(
  db: Database,
  token: string,
): Promise<{ person: string; carrier: 'cookie' | 'token'; expiresAt: Date } | undefined> {
  const row = await db
    .selectFrom('session')
    .select(['person', 'carrier', 'expires_at'])
    .where('token_digest', '=', digest(token))
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst()
  return row && { person: row.person, carrier: row.carrier, expiresAt: row.expires_at }
}

export async function endSession(db: Database, token: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('session').where('token_digest', '=', digest(token)).executeTakeFirst()
  return numDeletedRows > 0n
}

export async function changeSessionPerson(db: Database, token: string, person: string): Promise<void> {
  await db.updateTable('session').set({ person }).where('token_digest', '=', digest(token)).execute()
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
