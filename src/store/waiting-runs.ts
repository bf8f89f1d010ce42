import { sql } from 'kysely'
import type { Database } from './database.ts'

/**
 * Of the runs that wait for one place the newest goes on waiting; the others end as superseded by it. Asked by a run in
 * the transaction that makes it wait: of two that come at the same moment one finds the other. Gives those that ended.
 */
export async function keepNewestWaiting(
  tx: Database,
  { service, environment }: { service: string; environment: string },
): Promise<readonly string[]> {
  await sql`select pg_advisory_xact_lock(hashtext('waiting'), hashtext(${`${service}/${environment}`}))`.execute(tx)
  const waiting = await tx
    .selectFrom('run')
    .select('id')
    .where('service', '=', service)
    .where('environment', '=', environment)
    .where('state', '=', 'waiting')
    // To the millisecond, then by id: the order that everybody sees who compares two runs by what the API tells.
    .orderBy(sql`date_trunc('milliseconds', started_at)`, 'desc')
    .orderBy(sql`id collate "C"`, 'desc')
    .forUpdate()
    .execute()
  const [newest, ...older] = waiting.map((row) => row.id)
  if (older.length === 0) return []
  await tx
    .updateTable('run')
    .where('id', 'in', older)
    .set({
      state: 'superseded',
      waiting_for: null,
      finished_at: sql<Date>`now()`,
      result: sql`coalesce(result, '{}'::jsonb) || ${JSON.stringify({ supersededBy: newest })}::jsonb` as never,
      version: sql<number>`version + 1`,
    })
    .execute()
  return older
}
