import { type Generated, type JSONColumnType, sql } from 'kysely'
import { PlatformError } from '#errors/platform-error.ts'
import type { CatalogEntity, Entity } from '#model/entity.ts'
import { entityRef } from '#model/entity.ts'
import type { Database } from './database.ts'

export interface EntityTable {
  ref: string
  kind: string
  namespace: string
  name: string
  owner: string | null
  document: JSONColumnType<Entity>
  source: string
  commit: string | null
  read_at: Generated<Date>
  problem: string | null
}

/**
 * Replaces all entities of one source by these: what the source no longer has is gone. An entity that another source
 * described first is CATALOG_INFO_INVALID and nothing changes.
 */
export async function replaceEntities(
  db: Database,
  source: string,
  entities: readonly { entity: Entity; commit?: string; problem?: string }[],
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    // Two readings of one source take turns: the later one would not see what the earlier one is about to write.
    await sql`select pg_advisory_xact_lock(hashtext(${`entities ${source}`}))`.execute(tx)
    await tx.deleteFrom('entity').where('source', '=', source).execute()
    for (const { entity, commit, problem } of entities) {
      const row = {
        ref: entityRef(entity),
        kind: entity.kind,
        namespace: entity.metadata.namespace,
        name: entity.metadata.name,
        owner: ownerOf(entity),
        document: JSON.stringify(entity),
        source,
        commit: commit ?? null,
        problem: problem ?? null,
      }
      const inserted = await tx
        .insertInto('entity')
        .values(row)
        .onConflict((conflict) => conflict.column('ref').doNothing())
        .returning('ref')
        .executeTakeFirst()
      if (!inserted) throw await describedElsewhere(tx, row.ref)
    }
  })
}

async function describedElsewhere(db: Database, ref: string): Promise<PlatformError> {
  const other = await db.selectFrom('entity').select('source').where('ref', '=', ref).executeTakeFirst()
  return new PlatformError(
    'CATALOG_INFO_INVALID',
    `${ref} is described by ${other?.source ?? 'another source'} already`,
    {
      hint: 'give it another name',
    },
  )
}

export async function findEntity(db: Database, ref: string): Promise<CatalogEntity | undefined> {
  const row = await db.selectFrom('entity').selectAll().where('ref', '=', ref.toLowerCase()).executeTakeFirst()
  return row && view(row)
}

export interface EntityFilter {
  readonly kind?: string
  readonly owner?: string
  readonly q?: string
  readonly after?: string
  readonly limit: number
}

/** By reference, with the exact count of everything that matches. */
export async function listEntities(
  db: Database,
  filter: EntityFilter,
): Promise<{ items: readonly CatalogEntity[]; total: number }> {
  let query = db.selectFrom('entity')
  if (filter.kind) query = query.where(sql<boolean>`lower(kind) = ${filter.kind.toLowerCase()}`)
  if (filter.owner) query = query.where('owner', '=', filter.owner)
  if (filter.q) {
    const like = `%${filter.q.replace(/[\\%_]/g, '\\$&')}%`
    query = query.where(
      sql<boolean>`(name ilike ${like} or document->'metadata'->>'description' ilike ${like} or document->'metadata'->>'title' ilike ${like})`,
    )
  }
  const { total } = await query.select(sql<number>`count(*)`.as('total')).executeTakeFirstOrThrow()
  const paged = filter.after ? query.where('ref', '>', filter.after) : query
  const rows = await paged.selectAll().orderBy('ref').limit(filter.limit).execute()
  return { items: rows.map(view), total: Number(total) }
}

/** Removes what came from any other source than these. */
export async function deleteSourcesBut(db: Database, sources: readonly string[]): Promise<void> {
  await db.deleteFrom('entity').where('source', 'not in', sources).execute()
}

export async function entitySources(db: Database): Promise<readonly string[]> {
  return (await db.selectFrom('entity').select('source').distinct().execute()).map((row) => row.source)
}

/** The group of `spec.owner`, without kind and namespace. */
function ownerOf(entity: Entity): string | null {
  const owner = entity.spec['owner']
  return typeof owner === 'string' ? owner.replace(/^group:/, '').replace(/^default\//, '') : null
}

function view(row: {
  ref: string
  document: Entity
  source: string
  read_at: Date
  commit: string | null
  problem: string | null
}): CatalogEntity {
  return {
    ref: row.ref,
    entity: row.document,
    source: row.source,
    readAt: row.read_at.toISOString(),
    ...(row.commit && { commit: row.commit }),
    ...(row.problem && { problem: row.problem }),
  }
}
