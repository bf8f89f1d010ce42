import { PlatformError } from '#errors/platform-error.ts'
import { dataOf } from '../../client/client.ts'
import { defineCommand } from '../command.ts'
import { age } from '../output.ts'

export const envShow = defineCommand({
  usage: 'env show <environment>',
  summary: 'One environment: what holds there, which services stand in it, and what differs from what was approved',
  examples: ['fairway env show dev', 'fairway env show production --json services,drift'],
  fields: ['environment', 'services', 'drift'],
  async run({ args: [name = ''], api, out }) {
    const client = await api()
    const { items } = await dataOf(client.GET('/api/v1/environments'))
    const environment = items.find(({ metadata }) => metadata.name === name)
    if (!environment)
      throw new PlatformError('NOT_FOUND', `no environment is called ${name}`, { hint: 'fairway env list' })
    const [matrix, drift] = await Promise.all([
      dataOf(client.GET('/api/v1/deployment-matrix', { params: { query: { limit: 100 } } })),
      dataOf(client.GET('/api/v1/drift', { params: { query: { environment: name, state: 'open', limit: 200 } } })),
    ])
    const services = matrix.items.flatMap(({ service, owner, cells }) =>
      cells.filter((cell) => cell.name === name && cell.release).map((cell) => ({ service, owner, ...cell })),
    )
    if (out.isJson) {
      out.result({ environment, services, drift: drift.items }, () => '')
      return 0
    }
    const { title = name, description } = environment.metadata
    const { approval, rollback, defaults } = environment.spec
    out.note(`${out.bold(title)} (${name})${description ? `: ${description}` : ''}`)
    out.note(
      `approval ${approval}, rollback ${rollback}, replicas ${defaults.replicas} unless a service says otherwise`,
    )
    out.table(
      services,
      [
        { title: 'SERVICE', cell: (row) => row.service },
        { title: 'OWNER', cell: (row) => row.owner },
        { title: 'RELEASE', cell: (row) => row.release?.version ?? '-' },
        { title: 'HEALTH', cell: (row) => out.state(row.health) },
        { title: 'SYNC', cell: (row) => out.state(row.sync) },
        { title: 'DEPLOYED', cell: (row) => age(row.deployedAt, out.isTerminal) },
      ],
      `no service has a release in ${name} yet`,
    )
    if (matrix.next)
      out.note(`of the first ${matrix.items.length} of ${matrix.total} services; the others: fairway matrix`)
    for (const { path, summary } of drift.items) out.note(`${out.yellow('drift')} ${path}: ${summary}`)
    return 0
  },
})
