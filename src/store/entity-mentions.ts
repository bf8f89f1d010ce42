import { sql } from 'kysely'
import type { CatalogEntity, Entity } from '#model/entity.ts'
import type { Database } from './database.ts'

const single = ['owner', 'system', 'domain', 'parent', 'subcomponentOf'] as const
const many = ['providesApis', 'consumesApis', 'dependsOn', 'dependencyOf', 'memberOf', 'children', 'members'] as const

/** Entities whose own description names one of these spellings of a reference, by reference, with the count of all. */
export async function entitiesNaming(
  db: Database,
  { spellings, limit }: { spellings: readonly string[]; limit: number },
): Promise<{ items: readonly Pick<CatalogEntity, 'ref' | 'entity' | 'source'>[]; total: number }> {
  const texts = [...new Set(spellings.map((one) => one.toLowerCase()))]
  const named = sql<boolean>`(${sql.join(
    [
      ...single.map((field) => sql`lower(document->'spec'->>${sql.lit(field)}) = any(${texts})`),
      ...many.map((field) => sql`(document->'spec'->${sql.lit(field)}) ?| ${texts}`),
    ],
    sql` or `,
  )})`
  const query = db.selectFrom('entity').where(named)
  const { total } = await query.select(sql<number>`count(*)`.as('total')).executeTakeFirstOrThrow()
  const rows = await query.select(['ref', 'document', 'source']).orderBy('ref').limit(limit).execute()
  return {
    items: rows.map((row) => ({ ref: row.ref, entity: row.document as Entity, source: row.source })),
    total: Number(total),
  }
}
