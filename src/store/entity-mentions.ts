import { sql } from 'kysely'
import type { CatalogEntity, Entity } from '#model/entity.ts'
import type { Database } from './database.ts'

/** Entities whose own description names one of these spellings of a reference, by reference, with the count of all. */
export async function entitiesNaming(
  db: Database,
  { spellings, limit }: { spellings: readonly string[]; limit: number },
): Promise<{ items: readonly Pick<CatalogEntity, 'ref' | 'entity' | 'source'>[]; total: number }> {
  const texts = [...new Set(spellings.map((one) => one.toLowerCase()))]
  const named = sql<boolean>`(
    lower(document->'spec'->>'owner') = any(${texts}) or lower(document->'spec'->>'system') = any(${texts})
    or lower(document->'spec'->>'domain') = any(${texts}) or lower(document->'spec'->>'parent') = any(${texts})
    or lower(document->'spec'->>'subcomponentOf') = any(${texts})
    or document->'spec'->'providesApis' ?| ${texts} or document->'spec'->'consumesApis' ?| ${texts}
    or document->'spec'->'dependsOn' ?| ${texts} or document->'spec'->'dependencyOf' ?| ${texts}
    or document->'spec'->'memberOf' ?| ${texts} or document->'spec'->'children' ?| ${texts}
    or document->'spec'->'members' ?| ${texts}
  )`
  const query = db.selectFrom('entity').where(named)
  const { total } = await query.select(sql<number>`count(*)`.as('total')).executeTakeFirstOrThrow()
  const rows = await query.select(['ref', 'document', 'source']).orderBy('ref').limit(limit).execute()
  return {
    items: rows.map((row) => ({ ref: row.ref, entity: row.document as Entity, source: row.source })),
    total: Number(total),
  }
}
