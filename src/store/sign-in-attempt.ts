import { type Generated, sql } from 'kysely'
import type { Database } from './database.ts'

export interface SignInAttemptTable {
  /** `person:NAME` or `address:IP`. */
  subject: string
  attempts: number
  since: Generated<Date>
}

/** Counts one attempt and says how many there were since the window began. Attempts at one moment are all counted. */
export async function countAttempt(db: Database, subject: string, seconds: number): Promise<number> {
  const isOver = sql<boolean>`sign_in_attempt.since < now() - make_interval(secs => ${seconds})`
  const row = await db
    .insertInto('sign_in_attempt')
    .values({ subject, attempts: 1 })
    .onConflict((conflict) =>
      conflict.column('subject').doUpdateSet({
        attempts: sql<number>`case when ${isOver} then 1 else sign_in_attempt.attempts + 1 end`,
        since: sql<Date>`case when ${isOver} then now() else sign_in_attempt.since end`,
      }),
    )
    .returning('attempts')
    .executeTakeFirstOrThrow()
  if (row.attempts === 1) await forgetOld(db)
  return row.attempts
}

/** Takes back what a good sign-in counted: only refused attempts add up. */
export async function forgiveAttempt(db: Database, subject: string): Promise<void> {
  await db
    .updateTable('sign_in_attempt')
    .set({ attempts: sql<number>`greatest(attempts - 1, 0)` })
    .where('subject', '=', subject)
    .execute()
}

async function forgetOld(db: Database): Promise<void> {
  await db.deleteFrom('sign_in_attempt').where('since', '<', sql<Date>`now() - interval '1 hour'`).execute()
}
