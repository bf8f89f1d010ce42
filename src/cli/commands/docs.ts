import { PlatformError } from '#errors/platform-error.ts'
import { answerFields, rowFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import { defineCommand } from '../command.ts'

export const docs = defineCommand({
  usage: 'docs [words...]',
  summary: 'Pages of documentation: all of them, those with these words, or one to read',
  options: [
    { flag: '--source <source>', about: 'only of fairway, or of a repository, as team-a/shop' },
    { flag: '--page <page>', about: 'print this page, as fairway/docs/guide/secrets.md' },
  ],
  examples: ['fairway docs', 'fairway docs rotate a key', 'fairway docs --page fairway/docs/guide/secrets.md'],
  fields: [...new Set([...rowFields['GET /api/v1/docs/search'], ...answerFields['GET /api/v1/docs/page']])],
  async run({ args, options, api, out }) {
    const client = await api()
    const source = options['source'] as string | undefined
    if (typeof options['page'] === 'string') {
      const place = placeOf(options['page'])
      const page = await dataOf(client.GET('/api/v1/docs/page', { params: { query: place } }))
      out.result(page, () => page.problem ?? page.text)
      return 0
    }
    const words = args.join(' ')
    const query = { ...(source !== undefined && { source }) }
    const { items } =
      words === ''
        ? await dataOf(client.GET('/api/v1/docs', { params: { query } }))
        : await dataOf(client.GET('/api/v1/docs/search', { params: { query: { ...query, words } } }))
    out.table(
      items,
      [
        { title: 'PAGE', cell: (row) => `${row.source}/${row.path}` },
        { title: 'TITLE', cell: (row) => row.title },
        ...(words === ''
          ? []
          : [{ title: 'FOUND', cell: (row: object) => ('excerpt' in row ? String(row.excerpt) : '') }]),
      ],
      words === '' ? 'no pages yet' : `no page has ${words}`,
    )
    if (items.length > 0) out.note('fairway docs --page PAGE prints one')
    return 0
  },
})

/** `fairway/docs/…` or `owner/repository/docs/…`. */
function placeOf(page: string): { source: string; path: string } {
  const parts = page.split('/')
  const inSource = parts[0] === 'fairway' ? 1 : 2
  const path = parts.slice(inSource).join('/')
  if (path === '')
    throw new PlatformError('USAGE', `${page} names no page`, { hint: 'fairway docs lists all pages as source/path' })
  return { source: parts.slice(0, inSource).join('/'), path }
}
