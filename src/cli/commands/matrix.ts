import { answerFields } from '../../client/answer-fields.ts'
import type { components } from '../../client/schema.ts'
import { dataOf } from '../../client/client.ts'
import { defineCommand } from '../command.ts'
import { helloLine } from '../hello-line.ts'
import { noteMore } from '../paging.ts'

type Cell = components['schemas']['MatrixRow']['cells'][number]

const healths = ['healthy', 'progressing', 'degraded', 'unknown', 'absent'] satisfies Cell['health'][]
const syncs = ['synced', 'progressing', 'drifted', 'failed', 'unknown', 'absent'] satisfies Cell['sync'][]

export const matrix = defineCommand({
  usage: 'matrix',
  summary: 'Which release of each service runs in each environment',
  options: [
    { flag: '--owner <team>', about: 'only of this owner' },
    { flag: '--search <text>', about: 'in the name' },
    { flag: '--health <state>', about: 'so somewhere', choices: healths },
    { flag: '--sync <state>', about: 'so somewhere', choices: syncs },
    { flag: '--behind', about: 'only services with something to promote' },
    { flag: '--after <service>', about: 'the page behind this service' },
    { flag: '--limit <number>', about: 'services of a page (default 25, at most 100)' },
  ],
  examples: ['fairway matrix', 'fairway matrix --behind --owner team-a', 'fairway matrix --json'],
  fields: answerFields['GET /api/v1/deployment-matrix'],
  async run({ options, api, out }) {
    const client = await api()
    const flags = { owner: 'owner', search: 'q', health: 'health', sync: 'sync', after: 'cursor', limit: 'limit' }
    const given = Object.entries(flags).filter(([flag]) => options[flag] !== undefined)
    const query = {
      ...Object.fromEntries(given.map(([flag, name]) => [name, String(options[flag])])),
      ...(options['behind'] === true && { differs: 'true' }),
    }
    const found = await dataOf(client.GET('/api/v1/deployment-matrix', { params: { query: query as never } }))
    if (out.isJson) {
      out.result(found, () => '')
      return 0
    }
    out.table(
      found.items,
      [
        { title: 'SERVICE', cell: (row) => row.service },
        { title: 'OWNER', cell: (row) => row.owner },
        ...found.environments.map((name) => ({
          title: name.toUpperCase(),
          cell: ({ cells }: (typeof found.items)[number]) => cellText(cells.find((cell) => cell.name === name)),
        })),
      ],
      given.length > 0 || options['behind'] === true ? 'no service matches' : 'no service yet',
    )
    const line = found.total === 0 && given.length === 0 ? await helloLine(client) : undefined
    if (line !== undefined) out.note(`make the first one: ${line}`)
    noteMore(out, found.next)
    return 0
  },
})

function cellText(cell: Cell | undefined): string {
  if (!cell?.release) return '-'
  const { release, health, sync, behind } = cell
  const version = /^0\.0\.0-\d{14}-([0-9a-f]{7})/.exec(release.version)?.[1] ?? release.version
  const state = sync === 'synced' ? health : `${health}, ${sync}`
  return `${version} ${state}${behind ? ` (${difference(behind)})` : ''}`
}

function difference({ environment, commits, orMore, isAhead }: NonNullable<Cell['behind']>): string {
  if (commits === undefined) return `differs from ${environment}`
  return `${isAhead ? '+' : '-'}${commits}${orMore ? '+' : ''} ${environment}`
}
