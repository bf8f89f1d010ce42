import { answerFields, rowFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import { defineCommand, environmentOption, type Invocation, type OptionSpec, yesOption } from '../command.ts'
import { age } from '../output.ts'
import { readSecret } from '../read-secret.ts'

const serviceOption: OptionSpec = {
  flag: '--service <service>',
  about: 'service (default: the one of this folder)',
}
const fields = answerFields['POST /api/v1/services/{name}/secrets']

export const secretSet = defineCommand({
  usage: 'secret set <secret>',
  summary: 'Set a secret from standard input or a hidden prompt',
  options: [serviceOption, environmentOption],
  examples: [
    'fairway secret set db.password --service shop --env dev',
    'fairway secret set tls.key --service shop --env production < key.pem',
  ],
  fields,
  run: (invocation) => keep(invocation, false),
})

export const secretRotate = defineCommand({
  usage: 'secret rotate <secret>',
  summary: 'Give a secret a new value; workloads take it over one after the other',
  options: [serviceOption, environmentOption],
  examples: ['fairway secret rotate db.password --service shop --env dev < new-password'],
  fields,
  run: (invocation) => keep(invocation, true),
})

export const secretList = defineCommand({
  usage: 'secret list',
  summary: 'Secrets of a service: what is set, since when, what is missing',
  options: [serviceOption, { ...environmentOption, required: false }],
  examples: ['fairway secret list --service shop', 'fairway secret list --service shop --env dev --json'],
  fields: rowFields['GET /api/v1/services/{name}/secrets'],
  async run({ options, api, out, serviceOf }) {
    const name = await serviceOf(serviceGiven(options))
    const query = options['env'] === undefined ? {} : { environment: String(options['env']) }
    const params = { path: { name }, query }
    const { items } = await dataOf((await api()).GET('/api/v1/services/{name}/secrets', { params }))
    out.table(
      items,
      [
        { title: 'NAME', cell: (row) => row.name },
        { title: 'ENVIRONMENT', cell: (row) => row.environment },
        { title: 'STATE', cell: (row) => (row.state === 'missing' ? out.red('missing') : 'set') },
        { title: 'VERSION', cell: (row) => String(row.version ?? '-') },
        { title: 'RUNNING', cell: (row) => String(row.running ?? '-') },
        { title: 'SET BY', cell: (row) => row.setBy ?? '-' },
        { title: 'WHEN', cell: (row) => (row.setAt ? age(row.setAt, out.isTerminal) : '-') },
        { title: 'ASKED FOR', cell: (row) => (row.declared ? 'yes' : 'no') },
      ],
      `${name} asks for no secret; docs/guide/secrets.md says how`,
    )
    for (const row of items.filter(({ state, declared }) => state === 'missing' && declared))
      out.note(`missing: fairway secret set ${row.name} --service ${name} --env ${row.environment}`)
    return 0
  },
})

export const secretDelete = defineCommand({
  usage: 'secret delete <secret>',
  summary: 'Delete a secret that nothing asks for any more',
  options: [serviceOption, environmentOption, yesOption],
  examples: ['fairway secret delete db.password --service shop --env dev --yes'],
  fields: answerFields['DELETE /api/v1/services/{name}/secrets/{environment}/{secret}'],
  async run({ args, options, api, ask, out, serviceOf }) {
    const path = {
      name: await serviceOf(serviceGiven(options)),
      environment: String(options['env']),
      secret: args[0] ?? '',
    }
    const client = await api()
    await ask.confirm(`Delete ${path.secret} of ${path.name} in ${path.environment} for good?`)
    const removed = await dataOf(
      client.DELETE('/api/v1/services/{name}/secrets/{environment}/{secret}', { params: { path } }),
    )
    out.result(removed, () => `Deleted ${path.secret} of ${path.name} in ${path.environment}.`)
    return 0
  },
})

async function keep({ args, options, api, out, ask, stdin, serviceOf }: Invocation, rotate: boolean): Promise<number> {
  const service = await serviceOf(serviceGiven(options))
  const client = await api() // who is not signed in is told so before typing a secret
  const environment = String(options['env'])
  const name = args[0] ?? ''
  const value = await readSecret(stdin, ask, `Value of ${name} for ${service} in ${environment}, not shown`)
  const made = await dataOf(
    client.POST('/api/v1/services/{name}/secrets', {
      params: { path: { name: service } },
      body: { environment, name, value, rotate },
    }),
  )
  out.result(
    made,
    ({ version }) => {
      const what = `Set version ${version} of ${name} for ${service} in ${environment}.`
      return made.declared ? what : `${what} score.yaml on main does not ask for it yet.`
    },
    ({ version }) => String(version),
  )
  return 0
}

function serviceGiven({ service }: Invocation['options']): string | undefined {
  return service === undefined ? undefined : String(service)
}
