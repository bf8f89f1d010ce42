import { type Generated, type JSONColumnType, sql } from 'kysely'
import type { Database } from './database.ts'

export interface IdempotencyTable {
  actor: string
  key: string
  route: string
  body_digest: string
  run: string | null
  /** What was answered, wrapped so that a null is an answer too. */
  answer: JSONColumnType<{ value: unknown } | null, string | null, string | null>
  created_at: Generated<Date>
}

/** Claims a key in the caller's transaction. A second claim waits for the first transaction and gets what that one stored. */
export async function claimKey(
  db: Database,
  claim: { actor: string; key: string; route: string; bodyDigest: string; run: string },
): Promise<{ first: true } | { first: false; run: string | undefined; sameRequest: boolean }> {
  const inserted = await db
    .insertInto('idempotency')
    .values({
      actor: claim.actor,
      key: claim.key,
      route: claim.route,
      body_digest: claim.bodyDigest,
      run: claim.run,
      answer: null,
    })
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

interface Claim {
  readonly actor: string
  readonly key: string
  readonly route: string
  readonly bodyDigest: string
}

/** Takes a key for a request that starts no run. True for the first, and for the same request after its first was abandoned. */
export async function takeKey(
  db: Database,
  { actor, key, route, bodyDigest }: Claim,
  { abandonedSeconds }: { abandonedSeconds: number },
): Promise<boolean> {
  const row = await db
    .insertInto('idempotency')
    .values({ actor, key, route, body_digest: bodyDigest, run: null, answer: null })
    .onConflict((conflict) =>
      conflict
        .columns(['actor', 'key'])
        .doUpdateSet({ created_at: sql<Date>`now()` })
        .where('idempotency.answer', 'is', null)
        .where('idempotency.run', 'is', null)
        .where('idempotency.route', '=', route)
        .where('idempotency.body_digest', '=', bodyDigest)
        .where('idempotency.created_at', '<', sql<Date>`now() - make_interval(secs => ${abandonedSeconds})`),
    )
    .returning('key')
    .executeTakeFirst()
  return row !== undefined
}

/** What is known of a key; `answer` is there once the first request has ended. */
export async function readKey(
  db: Database,
  { actor, key, route, bodyDigest }: Claim,
): Promise<{ sameRequest: boolean; answer?: unknown } | undefined> {
  const row = await db
    .selectFrom('idempotency')
    .selectAll()
    .where('actor', '=', actor)
    .where('key', '=', key)
    .executeTakeFirst()
  if (!row) return undefined
  const sameRequest = row.route === route && row.body_digest === bodyDigest
  return { sameRequest, ...(sameRequest && row.answer && { answer: row.answer.value }) }
}

export async function keepAnswer(db: Database, { actor, key }: Claim, answer: unknown): Promise<void> {
  await db
    .updateTable('idempotency')
    .set({ answer: JSON.stringify({ value: answer ?? null }) as never })
    .where('actor', '=', actor)
    .where('key', '=', key)
    .execute()
}

/** Forgets a key whose request failed. */
export async function dropKey(db: Database, { actor, key }: Claim): Promise<void> {
  await db
    .deleteFrom('idempotency')
    .where('actor', '=', actor)
    .where('key', '=', key)
    .where('answer', 'is', null)
    .where('run', 'is', null)
    .execute()
}

/** Forgets keys that nobody repeats any more. */
export async function forgetKeys(db: Database, { days }: { days: number }): Promise<void> {
  await db
    .deleteFrom('idempotency')
    .where('created_at', '<', sql<Date>`now() - make_interval(days => ${days})`)
    .execute()
}
