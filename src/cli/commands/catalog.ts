import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { answerFields, rowFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import { defineCommand } from '../command.ts'
import { helloLine } from '../hello-line.ts'
import { age } from '../output.ts'
import { noteMore, pageOf, pagingOptions } from '../paging.ts'

export const catalogList = defineCommand({
  usage: 'catalog list',
  summary: 'Entities of the catalog',
  options: [
    { flag: '--kind <kind>', about: 'Component, API, Group, User, Environment, …' },
    { flag: '--owner <team>', about: 'only of this owner' },
    { flag: '--search <text>', about: 'in name, title and description' },
    ...pagingOptions,
  ],
  fields: rowFields['GET /api/v1/entities'],
  async run({ options, api, out }) {
    const query = {
      ...pageOf(options),
      ...(options['kind'] !== undefined && { kind: String(options['kind']) }),
      ...(options['owner'] !== undefined && { owner: String(options['owner']) }),
      ...(options['search'] !== undefined && { q: String(options['search']) }),
    }
    const client = await api()
    const { items, next } = await dataOf(client.GET('/api/v1/entities', { params: { query } }))
    out.table(
      items,
      [
        { title: 'ENTITY', cell: (row) => row.ref },
        { title: 'OWNER', cell: (row) => (row.entity.spec?.['owner'] as string | undefined) ?? '-' },
        { title: 'SOURCE', cell: (row) => row.source },
        { title: 'READ', cell: (row) => age(row.readAt, out.isTerminal) },
      ],
      'nothing in the catalog matches',
    )
    noteMore(out, next)
    const line =
      next !== undefined || items.some(({ entity }) => entity.kind === 'Component')
        ? undefined
        : await helloLine(client)
    if (line !== undefined) out.note(`no service exists yet; make the first one: ${line}`)
    return 0
  },
})

export const catalogShow = defineCommand({
  usage: 'catalog show <entity>',
  summary: 'One entity',
  examples: ['fairway catalog show component:default/shop', 'fairway catalog show shop'],
  fields: answerFields['GET /api/v1/entities/{kind}/{namespace}/{name}'],
  async run({ args, api, out }) {
    const path = namedEntity(args[0])
    const entity = await dataOf((await api()).GET('/api/v1/entities/{kind}/{namespace}/{name}', { params: { path } }))
    const { stringify } = await import('yaml')
    out.result(
      entity,
      () => `# ${entity.ref}, read ${entity.readAt} from ${entity.source}\n${stringify(entity.entity)}`,
    )
    return 0
  },
})

export const catalogRelations = defineCommand({
  usage: 'catalog relations <entity>',
  summary: 'What an entity is to others: owner, dependencies, APIs, environments',
  examples: ['fairway catalog relations shop', 'fairway catalog relations group:default/team-a --json'],
  fields: answerFields['GET /api/v1/entities/{kind}/{namespace}/{name}/relations'],
  async run({ args, api, out }) {
    const path = namedEntity(args[0])
    const found = await dataOf(
      (await api()).GET('/api/v1/entities/{kind}/{namespace}/{name}/relations', { params: { path } }),
    )
    if (out.isJson) out.result(found, () => '')
    else
      out.table(
        found.items,
        [
          { title: 'RELATION', cell: (row) => row.relation },
          { title: 'TO', cell: (row) => row.ref },
          { title: 'STATE', cell: (row) => (row.state ? out.state(row.state) : '-') },
          { title: 'SOURCE', cell: (row) => row.source },
        ],
        `${found.ref} relates to nothing`,
      )
    if (found.more > 0) out.note(`and ${found.more} more`)
    return 0
  },
})

function namedEntity(text = ''): { kind: string; namespace: string; name: string } {
  const match = /^(?:([a-zA-Z]+):)?(?:([\w-]+)\/)?([\w.-]+)$/.exec(text)
  if (!match) throw new PlatformError('USAGE', `an entity is named kind:namespace/name, not ${text}`)
  return { kind: match[1] ?? 'component', namespace: match[2] ?? 'default', name: match[3] ?? '' }
}

export const catalogRefresh = defineCommand({
  usage: 'catalog refresh',
  summary: 'Read every source again',
  fields: answerFields['POST /api/v1/catalog/refresh'],
  async run({ api, out }) {
    const answer = await dataOf((await api()).POST('/api/v1/catalog/refresh'))
    out.result(answer, ({ entities, problems }) => `${entities} entities, ${problems} sources with problems`)
    return answer.problems === 0 ? 0 : 1
  },
})

export const catalogValidate = defineCommand({
  usage: 'catalog validate [folder]',
  summary: 'Check catalog-info.yaml and score.yaml of a folder',
  examples: ['fairway catalog validate .'],
  fields: answerFields['POST /api/v1/catalog/validate'],
  async run({ args, api, out }) {
    const folder = args[0] ?? '.'
    const [catalogInfo, score] = await Promise.all(
      ['catalog-info.yaml', 'score.yaml'].map((name) => readFile(join(folder, name), 'utf8').catch(() => undefined)),
    )
    if (catalogInfo === undefined && score === undefined)
      throw new PlatformError('USAGE', `${folder} has neither catalog-info.yaml nor score.yaml`)
    const answer = await dataOf(
      (await api()).POST('/api/v1/catalog/validate', {
        body: { ...(catalogInfo !== undefined && { catalogInfo }), ...(score !== undefined && { score }) },
      }),
    )
    out.result(answer, ({ valid, problems }) =>
      valid
        ? 'valid'
        : problems
            .map((problem) => `${problem.file}${problem.path ? ` ${problem.path}` : ''}: ${problem.message}`)
            .join('\n'),
    )
    return answer.valid ? 0 : 2
  },
})
