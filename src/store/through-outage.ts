import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { isDatabaseAway } from '#errors/database-away.ts'
import type { Database } from './database.ts'

/** So often a database may go away under the same work. */
const most = 50

/**
 * Does work again that a database which went away has cut off, as soon as it answers again: an outage must not cost a
 * run its life. The work may have been done already, wholly or in part, and has to bear a repetition.
 */
export async function throughOutage<T>(db: Database, work: () => Promise<T>): Promise<T> {
  for (let turn = 1; ; turn++) {
    try {
      return await work()
    } catch (error) {
      if (turn === most || !isDatabaseAway(error)) throw error
      await untilItAnswers(db)
    }
  }
}

async function untilItAnswers(db: Database): Promise<void> {
  for (let ms = 100; ; ms = Math.min(ms * 2, 2_000)) {
    await pause(ms) // at first too: a server that is being ended still answers some
    const answers = await sql`select 1`.execute(db).then(
      () => true,
      () => false,
    )
    if (answers) return
  }
}
