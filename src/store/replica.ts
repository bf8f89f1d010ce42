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

/** Removes and returns replicas whose lease ended. */
export async function takeDead(
  db: Database,
  own: string,
  { seconds }: { seconds: number },
): Promise<readonly string[]> {
  const dead = db
    .deleteFrom('replica')
    .where('id', '!=', own)
    .where('heartbeat_at', '<', sql<Date>`now() - make_interval(secs => ${seconds})`)
  return (await dead.returning('id').execute()).map((row) => row.id)
}

export interface ReplicaLease {
  readonly id: string
  readonly silentSeconds: number
  /** Changes whenever the lease is renewed. */
  readonly beats: string
}

export async function listReplicas(db: Database): Promise<readonly ReplicaLease[]> {
  const silent = sql<number>`extract(epoch from now() - heartbeat_at)::float8`
  const rows = await db
    .selectFrom('replica')
    .select(['id', silent.as('silentSeconds'), sql<string>`heartbeat_at::text`.as('beats')])
    .execute()
  return rows
}

/** Ends leases at once, of replicas that are known to be gone. */
export async function leaveReplicas(db: Database, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await db.deleteFrom('replica').where('id', 'in', ids).execute()
}
