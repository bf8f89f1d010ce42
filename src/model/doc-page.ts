import { z } from 'zod'

/** Where Fairway's own documentation comes from; every other source is a repository, `owner/name`. */
export const productDocs = 'fairway'

export const DocSource = z
  .string()
  .max(200)
  .regex(/^[a-z0-9-]+(\/[a-z0-9-]+)?$/, 'a source is `fairway` or a repository, owner/name')

/** The path of a Markdown file inside its source. */
export const DocPath = z
  .string()
  .max(300)
  .regex(/^(?!\/)(?!.*\.\.)[^\0\\]+\.md$/i, 'a page is the path of a .md file')

export const DocEntry = z
  .object({
    source: DocSource,
    path: z.string(),
    title: z.string(),
    /** Why the page cannot be shown. */
    problem: z.string().optional(),
  })
  .meta({ id: 'DocEntry' })

/** A page as a tree of hast elements (https://github.com/syntax-tree/hast), of an allow-list only: no HTML text. */
export const DocPage = DocEntry.extend({
  headings: z.array(z.object({ depth: z.number(), text: z.string(), id: z.string() })),
  tree: z.object({ type: z.literal('root'), children: z.array(z.unknown()) }),
  /** The same without any form. */
  text: z.string(),
  /** What was read: a commit, or the digest of the product's own pages. */
  commit: z.string(),
  readAt: z.string(),
}).meta({ id: 'DocPage' })

export const DocHit = DocEntry.extend({
  /** Words around what was found. */
  excerpt: z.string(),
}).meta({ id: 'DocHit' })

export type DocEntry = z.infer<typeof DocEntry>
export type DocPage = z.infer<typeof DocPage>
export type DocHit = z.infer<typeof DocHit>
