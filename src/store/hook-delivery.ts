import { type Generated, sql } from 'kysely'
import type { Database } from './database.ts'

export interface HookDeliveryTable {
  /** The product that sent it. */
  sender: string
  /** The delivery's id, or the digest of its content. */
  mark: string
  at: Generated<Date>
}

const keptDays = 7
const mostKept = 200_000

/** Remembers the marks of one delivery and says whether any of them was known: of copies at one moment, one is the first. */
export async function seenBefore(db: Database, sender: string, marks: readonly string[]): Promise<boolean> {
  const rows = await db
    .insertInto('hook_delivery')
    .values(marks.map((mark) => ({ sender, mark })).toSorted((a, b) => (a.mark < b.mark ? -1 : 1)))
    .onConflict((conflict) => conflict.doNothing())
    .returning('mark')
    .execute()
  return rows.length < marks.length
}

/** Forgets what is older than a week, and the oldest where a flood left more than we keep. */
export async function forgetDeliveries(db: Database): Promise<void> {
  await db.deleteFrom('hook_delivery').where('at', '<', sql<Date>`now() - make_interval(days => ${keptDays})`).execute()
  await sql`delete from hook_delivery where at <
    (select at from hook_delivery order by at desc offset ${mostKept} limit 1)`.execute(db)
}
