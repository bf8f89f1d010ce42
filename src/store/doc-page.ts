import { type Generated, type JSONColumnType, sql } from 'kysely'
import type { DocEntry, DocHit, DocPage } from '#model/doc-page.ts'
import type { Database } from './database.ts'

export interface DocPageTable {
  source: string
  path: string
  title: string
  problem: string | null
  headings: JSONColumnType<DocPage['headings']>
  tree: JSONColumnType<DocPage['tree']>
  words: string
  commit: string
  read_at: Generated<Date>
  found_by: Generated<string>
}

export type StoredPage = Omit<DocPage, 'source' | 'commit' | 'readAt'>

/** Replaces all pages of a source by these. */
export async function replaceDocs(
  db: Database,
  { source, commit }: { source: string; commit: string },
  pages: readonly StoredPage[],
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    // Two who read the same source at once take turns.
    await sql`select pg_advisory_xact_lock(hashtext(${`docs ${source}`}))`.execute(tx)
    await tx.deleteFrom('doc_page').where('source', '=', source).execute()
    for (const { path, title, problem, headings, tree, text } of pages)
      await tx
        .insertInto('doc_page')
        .values({
          source,
          path,
          title,
          problem: problem ?? null,
          headings: JSON.stringify(headings),
          tree: JSON.stringify(tree),
          words: text,
          commit,
        })
        .execute()
  })
}

/** What the pages of a source were read from, or nothing where there are none. */
export async function docsCommit(db: Database, source: string): Promise<string | undefined> {
  const row = await db.selectFrom('doc_page').select('commit').where('source', '=', source).limit(1).executeTakeFirst()
  return row?.commit
}

/** By source and path. */
export async function listDocs(
  db: Database,
  { source, limit }: { source?: string | undefined; limit: number },
): Promise<DocEntry[]> {
  let query = db.selectFrom('doc_page').select(['source', 'path', 'title', 'problem'])
  if (source !== undefined) query = query.where('source', '=', source)
  return (await query.orderBy('source').orderBy('path').limit(limit).execute()).map(entry)
}

export async function findDoc(db: Database, source: string, path: string): Promise<DocPage | undefined> {
  const row = await db
    .selectFrom('doc_page')
    .select(['source', 'path', 'title', 'problem', 'headings', 'tree', 'words', 'commit', 'read_at'])
    .where('source', '=', source)
    .where('path', '=', path)
    .executeTakeFirst()
  if (!row) return undefined
  const { headings, tree, words: text, commit, read_at: readAt } = row
  return { ...entry(row), headings, tree, text, commit, readAt: readAt.toISOString() }
}

/**
 * Pages that have all these words, best first. Quotes and `-word` mean what they mean in search engines; the last word
 * also finds longer ones, since somebody may still be typing it.
 */
export async function searchDocs(
  db: Database,
  { words, source, limit }: { words: string; source?: string | undefined; limit: number },
): Promise<DocHit[]> {
  const begun = /[\p{L}\p{N}]+$/u.exec(words)?.[0] ?? ''
  const before = words.slice(0, words.length - begun.length)
  const begins = begun === '' ? '' : `${begun.toLowerCase()}:*`
  const query = sql`(websearch_to_tsquery('english', ${words})
    || (websearch_to_tsquery('english', ${before}) && to_tsquery('simple', ${begins})))`
  const headline = sql<string>`ts_headline('english', words, ${query}, 'StartSel="", StopSel="", MaxWords=28, MinWords=14')`
  let found = db
    .selectFrom('doc_page')
    .select(['source', 'path', 'title', 'problem'])
    .select(headline.as('excerpt'))
    .where(sql<boolean>`found_by @@ ${query}`)
  if (source !== undefined) found = found.where('source', '=', source)
  const rows = await found
    .orderBy(sql`ts_rank(found_by, ${query})`, 'desc')
    .orderBy('source')
    .orderBy('path')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ ...entry(row), excerpt: row.excerpt.replaceAll(/\s+/g, ' ').trim() }))
}

const entry = (row: { source: string; path: string; title: string; problem: string | null }): DocEntry => ({
  source: row.source,
  path: row.path,
  title: row.title,
  ...(row.problem !== null && { problem: row.problem }),
})
