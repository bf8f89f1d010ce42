import { PlatformError } from '#errors/platform-error.ts'
import { answerFields, rowFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import { defineCommand } from '../command.ts'
import { helloLine } from '../hello-line.ts'
import { age } from '../output.ts'

export const status = defineCommand({
  usage: 'status [service]',
  summary: 'Release, sync, health and address per environment',
  examples: ['fairway status shop', 'fairway status shop --json'],
  fields: answerFields['GET /api/v1/services/{name}/status'],
  async run({ args, api, out, serviceOf }) {
    const client = await api()
    const name = await serviceOf(args[0]).catch(async (error: unknown) => {
      const line = await helloLine(client)
      if (line === undefined) throw error
      throw new PlatformError('USAGE', 'no service exists yet', { hint: `make the first one: ${line}` })
    })
    const params = { path: { name } }
    const answer = await dataOf(client.GET('/api/v1/services/{name}/status', { params }))
    if (out.isJson) out.result(answer, () => '')
    else {
      out.note(
        `${out.bold(answer.service)}, owned by ${answer.owner}${answer.packaging === 'score' ? '' : `, packaged as ${answer.packaging}`}`,
      )
      out.table(
        answer.environments,
        [
          { title: 'ENVIRONMENT', cell: (row) => row.name },
          { title: 'HEALTH', cell: (row) => out.state(row.health) },
          { title: 'SYNC', cell: (row) => out.state(row.sync) },
          { title: 'RELEASE', cell: (row) => row.release?.version ?? '-' },
          { title: 'DEPLOYED', cell: (row) => age(row.deployedAt, out.isTerminal) },
          { title: 'URL', cell: (row) => row.url ?? '-' },
        ],
        'no environments',
      )
      const failed = answer.environments.some(({ sync, health }) => sync === 'failed' || health === 'degraded')
      const { items } = failed
        ? await dataOf(client.GET('/api/v1/services/{name}/explanations', { params }))
        : { items: [] }
      for (const environment of answer.environments)
        if (environment.reason && !items.some((one) => one.environment === environment.name))
          out.note(`${environment.name}: ${environment.reason}`)
      for (const { report } of items) out.note(`\n${report}`)
    }
    return answer.environments.some((environment) => environment.health === 'degraded') ? 8 : 0
  },
})

export const history = defineCommand({
  usage: 'history [service]',
  summary: 'Deployments of a service, newest first',
  options: [{ flag: '--env <environment>', about: 'only this environment' }],
  examples: ['fairway history shop --env production'],
  fields: rowFields['GET /api/v1/services/{name}/deployments'],
  async run({ args, options, api, out, serviceOf }) {
    const name = await serviceOf(args[0])
    const environment = options['env'] === undefined ? {} : { environment: String(options['env']) }
    const { items } = await dataOf(
      (await api()).GET('/api/v1/services/{name}/deployments', { params: { path: { name }, query: environment } }),
    )
    out.table(
      items,
      [
        { title: 'COMMIT', cell: (row) => row.commit.slice(0, 12) },
        { title: 'ENVIRONMENT', cell: (row) => row.environment },
        { title: 'KIND', cell: (row) => row.kind },
        { title: 'RELEASE', cell: (row) => row.version },
        { title: 'OUTCOME', cell: (row) => out.state(row.outcome) },
        {
          title: 'BY',
          cell: (row) => [row.requestedBy, ...row.approvedBy.map((approver) => `✓${approver}`)].join(' '),
        },
        { title: 'WHEN', cell: (row) => age(row.at, out.isTerminal) },
      ],
      `${name} was never deployed${environment.environment ? ` to ${environment.environment}` : ''}`,
    )
    return 0
  },
})
