import { PlatformError } from '#errors/platform-error.ts'
import { type DocEntry, type DocHit, type DocPage, productDocs } from '#model/doc-page.ts'
import { findDoc, listDocs as listStored, searchDocs as searchStored } from '#store/doc-page.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller } from '../caller.ts'
import { keepProductDocs } from './keep-product-docs.ts'

/** Pages of all sources, or of one, by source and path. */
export async function listDocs(
  platform: Platform,
  caller: Caller,
  query: { source?: string | undefined; limit: number },
): Promise<{ items: DocEntry[] }> {
  authorise(caller, 'read')
  await keepProductDocs(platform)
  return { items: await listStored(platform.db, query) }
}

/** Pages that have all the words, best first, each with the words around what was found. */
export async function searchDocs(
  platform: Platform,
  caller: Caller,
  query: { words: string; source?: string | undefined; limit: number },
): Promise<{ items: DocHit[] }> {
  authorise(caller, 'read')
  await keepProductDocs(platform)
  return { items: await searchStored(platform.db, query) }
}

export async function readDoc(
  platform: Platform,
  caller: Caller,
  { source, path }: { source: string; path: string },
): Promise<DocPage> {
  authorise(caller, 'read')
  if (source === productDocs) await keepProductDocs(platform)
  const page = await findDoc(platform.db, source, path)
  if (page) return page
  throw new PlatformError('NOT_FOUND', `${source} has no page ${path}`, { hint: 'fairway docs lists all pages' })
}
