import { sql } from 'kysely'
import type { Database } from '#store/database.ts'

/** How many ways of changing the log the database refuses to the application, of six. */
export async function refusedActs(db: Database): Promise<number> {
  const acts = ['vault.audit', 'vault.audit_chain'].flatMap((table) => [
    `update ${table} set at = at`,
    `delete from ${table}`,
    `truncate ${table}`,
  ])
  let refused = 0
  for (const act of acts)
    await sql
      .raw(act)
      .execute(db)
      .catch((error: Error) => {
        if (!error.message.includes('append-only')) throw error
        refused += 1
      })
  return refused
}
