import { sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { Database } from './database.ts'

/** Numbered, forwards only, safe to repeat. A file once released is never edited. */
const migrations: Record<string, () => Promise<{ up: Migration['up'] }>> = {
  '0001-core': () => import('./migrations/0001-core.ts'),
  '0002-git-host': () => import('./migrations/0002-git-host.ts'),
  '0003-signals': () => import('./migrations/0003-signals.ts'),
  '0004-audit-chain': () => import('./migrations/0004-audit-chain.ts'),
  '0005-secrets': () => import('./migrations/0005-secrets.ts'),
  '0006-supply-chain': () => import('./migrations/0006-supply-chain.ts'),
  '0007-drift': () => import('./migrations/0007-drift.ts'),
  '0008-records': () => import('./migrations/0008-records.ts'),
  '0009-run-execution': () => import('./migrations/0009-run-execution.ts'),
  '0017-run-tree': () => import('./migrations/0017-run-tree.ts'),
  '0018-doc-page': () => import('./migrations/0018-doc-page.ts'),
  '0012-sign-in-limit': () => import('./migrations/0012-sign-in-limit.ts'),
  '0013-hook-delivery': () => import('./migrations/0013-hook-delivery.ts'),
  '0019-notifications': () => import('./migrations/0019-notifications.ts'),
  '0020-review-notifications': () => import('./migrations/0020-review-notifications.ts'),
  '0009b-idempotency-answer': () => import('./migrations/0009b-idempotency-answer.ts'),
  '0009c-record-drift': () => import('./migrations/0009c-record-drift.ts'),
}

/** Names of all migrations that this Fairway knows, in order. */
export const knownMigrations: readonly string[] = Object.keys(migrations).toSorted()

/** Brings the schema up to date, or to one migration, under one advisory lock, so that replicas that start together do not collide. */
export async function migrate(db: Database, upTo?: string): Promise<readonly string[]> {
  return db.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(727001)`.execute(connection)
    try {
      const provider = {
        getMigrations: async () =>
          Object.fromEntries(
            await Promise.all(Object.entries(migrations).map(async ([name, load]) => [name, await load()] as const)),
          ),
      }
      const migrator = new Migrator({ db: connection, provider })
      const { error, results } = await (upTo === undefined ? migrator.migrateToLatest() : migrator.migrateTo(upTo))
      if (error) throw error
      return (results ?? []).filter((result) => result.status === 'Success').map((result) => result.migrationName)
    } finally {
      await sql`select pg_advisory_unlock(727001)`.execute(connection)
    }
  })
}
