import type { Generated } from 'kysely'
import type { Database } from './database.ts'

export interface IdempotencyTable {
  actor: string
  key: string
  route: string
  body_digest: string
  run: string | null
  created_at: Generated<Date>
}

/** Claims a key in the caller's transaction. A second claim waits for the first transaction and gets what that one stored. */
export async function claimKey(
  db: Database,
  claim: { actor: string; key: string; route: string; bodyDigest: string; run: string },
): Promise<{ first: true } | { first: false; run: string | undefined; sameRequest: boolean }> {
  const inserted = await db
    .insertInto('idempotency')
    .values({ actor: claim.actor, key: claim.key, route: claim.route, body_digest: claim.bodyDigest, run: claim.run })
    .onConflict((conflict) => conflict.columns(['actor', 'key']).doNothing())
    .returning('key')
    .executeTakeFirst()
  if (inserted) return { first: true }
  const row = await db
    .selectFrom('idempotency')
    .selectAll()
    .where('actor', '=', claim.actor)
    .where('key', '=', claim.key)
    .executeTakeFirstOrThrow()
  return {
    first: false,
    run: row.run ?? undefined,
    sameRequest: row.route === claim.route && row.body_digest === claim.bodyDigest,
  }
}

/** Whether somebody used a key before, whatever for. */
export async function isKeyUsed(db: Database, actor: string, key: string): Promise<boolean> {
  const row = await db
    .selectFrom('idempotency')
    .select('key')
    .where('actor', '=', actor)
    .where('key', '=', key)
    .executeTakeFirst()
  return row !== undefined
}
