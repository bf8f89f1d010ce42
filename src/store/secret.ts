import { type Generated, sql } from 'kysely'
import type { Pool } from 'pg'
import type { Sealed } from '#lib/seal.ts'
import type { Database } from './database.ts'
import { inTransaction } from './transaction.ts'

export interface SecretTable {
  owner: string
  service: string
  environment: string
  name: string
  version: number
  key_id: string | null
  nonce: Buffer | null
  box: Buffer | null
  set_by: string
  set_at: Generated<Date>
}

export interface SecretRow extends SecretPlaceRow {
  readonly name: string
  readonly version: number
  readonly setBy: string
  readonly setAt: string
  /** undefined: it was deleted. */
  readonly sealed: Sealed | undefined
}

export interface SecretPlaceRow {
  readonly owner: string
  readonly service: string
  readonly environment: string
}

/** The newest version of each secret, deleted ones left out. Gives up after `timeoutMs`. */
export async function listSecrets(
  pool: Pool,
  filter: Partial<SecretPlaceRow>,
  timeoutMs: number,
): Promise<readonly SecretRow[]> {
  return limited(pool, timeoutMs, async (db) => {
    let query = db
      .selectFrom('vault.secret')
      .selectAll()
      .distinctOn(['owner', 'service', 'environment', 'name'])
      .orderBy('owner')
      .orderBy('service')
      .orderBy('environment')
      .orderBy('name')
      .orderBy('version', 'desc')
    for (const [column, value] of Object.entries(filter))
      query = query.where(column as keyof SecretPlaceRow, '=', value)
    return (await query.execute()).map(view).filter(({ sealed }) => sealed)
  })
}

export interface SealedFilter {
  readonly place?: SecretPlaceRow
  readonly notUnder?: string
}

/** Every sealed version: of one place, or all that lie under another key. */
export async function listSealedVersions(
  pool: Pool,
  { place, notUnder }: SealedFilter,
  timeoutMs: number,
): Promise<readonly SecretRow[]> {
  return limited(pool, timeoutMs, async (db) => {
    let query = db.selectFrom('vault.secret').selectAll().where('box', 'is not', null)
    for (const [column, value] of Object.entries(place ?? {}))
      query = query.where(column as keyof SecretPlaceRow, '=', value)
    if (notUnder !== undefined) query = query.where('key_id', '!=', notUnder)
    return (await query.execute()).map(view)
  })
}

export async function replaceSealed(db: Database, row: SecretRow, sealed: Sealed): Promise<void> {
  await db
    .updateTable('vault.secret')
    .set({ key_id: sealed.keyId, nonce: sealed.nonce, box: sealed.box })
    .where('owner', '=', row.owner)
    .where('service', '=', row.service)
    .where('environment', '=', row.environment)
    .where('name', '=', row.name)
    .where('version', '=', row.version)
    .where('key_id', '=', row.sealed?.keyId ?? '')
    .execute()
}

export interface NewVersion extends SecretPlaceRow {
  readonly name: string
  readonly by: string
  /** Seals the value for the version it gets; undefined deletes. */
  readonly seal: ((version: number) => Sealed) | undefined
}

/** Adds a version behind the newest. With nothing to delete it gives undefined. One at a time for each secret. */
export async function addSecretVersion(
  pool: Pool,
  { owner, service, environment, name, by, seal }: NewVersion,
  timeoutMs: number,
): Promise<SecretRow | undefined> {
  return limited(pool, timeoutMs, async (db) => {
    const place = { owner, service, environment, name }
    await sql`select pg_advisory_xact_lock(hashtextextended(${JSON.stringify(place)}, 727005))`.execute(db)
    const newest = await db
      .selectFrom('vault.secret')
      .select(['version', 'box'])
      .where((eb) => eb.and(place))
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst()
    if (!seal && !newest?.box) return undefined
    const version = (newest?.version ?? 0) + 1
    const sealed = seal?.(version)
    if (!sealed)
      await db
        .updateTable('vault.secret')
        .set({ key_id: null, nonce: null, box: null })
        .where((eb) => eb.and(place))
        .execute()
    const row = await db
      .insertInto('vault.secret')
      .values({
        ...place,
        version,
        key_id: sealed?.keyId ?? null,
        nonce: sealed?.nonce ?? null,
        box: sealed?.box ?? null,
        set_by: by,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return view(row)
  })
}

// A vault that is slow must not hold up whoever asks: PostgreSQL itself ends the statement.
async function limited<T>(pool: Pool, timeoutMs: number, work: (db: Database) => Promise<T>): Promise<T> {
  return inTransaction(pool, async (db) => {
    const limit = String(Math.max(1, Math.round(timeoutMs)))
    await sql`select set_config('statement_timeout', ${limit}, true)`.execute(db)
    return work(db)
  })
}

type Row = Omit<SecretTable, 'set_at'> & { set_at: Date }

function view({ owner, service, environment, name, version, key_id, nonce, box, set_by, set_at }: Row): SecretRow {
  const sealed = key_id && nonce && box ? { keyId: key_id, nonce, box } : undefined
  return { owner, service, environment, name, version, setBy: set_by, setAt: set_at.toISOString(), sealed }
}
