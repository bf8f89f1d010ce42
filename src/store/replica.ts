import { type Generated, sql } from 'kysely'
import type { Database } from './database.ts'

export interface ReplicaTable {
  id: string
  heartbeat_at: Generated<Date>
}

/** Renews a replica's lease by the database's clock; tells whether it still had one. */
export async function beat(db: Database, id: string): Promise<boolean> {
  const row = await db
    .insertInto('replica')
    .values({ id })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ heartbeat_at: sql<Date>`now()` }))
    .returning(sql<boolean>`xmax <> 0`.as('renewed'))
    .executeTakeFirst()
  return row?.renewed ?? false
}

/** Those of these whose lease has not ended. */
export async function livingReplicas(
  db: Database,
  ids: readonly string[],
  { seconds }: { seconds: number },
): Promise<readonly string[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('replica')
    .select('id')
    .where('id', 'in', ids)
    .where('heartbeat_at', '>=', sql<Date>`now() - make_interval(secs => ${seconds})`)
    .execute()
  return rows.map((row) => row.id)
}

/** Removes and returns replicas whose lease ended; with `alone` every other one, since the instance lock says that none lives. */
export async function takeDead(
  db: Database,
  own: string,
  { seconds, alone = false }: { seconds: number; alone?: boolean },
): Promise<readonly string[]> {
  const query = db.deleteFrom('replica').where('id', '!=', own)
  const dead = alone ? query : query.where('heartbeat_at', '<', sql<Date>`now() - make_interval(secs => ${seconds})`)
  return (await dead.returning('id').execute()).map((row) => row.id)
}
