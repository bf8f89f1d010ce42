import { z } from 'zod'
import { DocEntry, DocHit, DocPage, DocPath, DocSource } from '#model/doc-page.ts'
import { route } from '../route.ts'

const limit = z.coerce.number().int().min(1).max(500).default(200)

export const listDocs = route({
  id: 'docs.list',
  method: 'GET',
  path: '/api/v1/docs',
  summary: 'Pages of documentation: of Fairway itself, and of every service',
  access: 'signed-in',
  query: z.object({ source: DocSource.optional(), limit }),
  reply: z.object({ items: z.array(DocEntry) }),
})

export const searchDocs = route({
  id: 'docs.search',
  method: 'GET',
  path: '/api/v1/docs/search',
  summary: 'Pages that have these words, best first',
  access: 'signed-in',
  query: z.object({ words: z.string().min(1).max(200), source: DocSource.optional(), limit: limit.default(20) }),
  reply: z.object({ items: z.array(DocHit) }),
})

export const readDoc = route({
  id: 'docs.read',
  method: 'GET',
  path: '/api/v1/docs/page',
  summary: 'One page, sanitised, as a tree of elements',
  access: 'signed-in',
  query: z.object({ source: DocSource, path: DocPath }),
  reply: DocPage,
})
