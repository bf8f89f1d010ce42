import { dataOf } from '../../client/client.ts'
import { defineCommand, environmentOption, type Invocation, type OptionSpec } from '../command.ts'
import { serviceFrom } from '../folder.ts'
import { age } from '../output.ts'
import { readSecret } from '../read-secret.ts'

const serviceOption: OptionSpec = {
  flag: '--service <name>',
  about: 'service (default: the one of this folder)',
}
const fields = ['environment', 'name', 'state', 'version', 'setBy', 'setAt', 'declared']

export const secretSet = defineCommand({
  usage: 'secret set <name>',
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
  usage: 'secret rotate <name>',
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
  async run({ options, api, out }) {
    const name = await serviceOf(options, out)
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
  usage: 'secret delete <name>',
  summary: 'Delete a secret that nothing asks for any more',
  options: [serviceOption, environmentOption],
  examples: ['fairway secret delete db.password --service shop --env dev'],
  fields: ['removed'],
  async run({ args, options, api, out }) {
    const path = { name: await serviceOf(options, out), environment: String(options['env']), secret: args[0] ?? '' }
    const removed = await dataOf(
      (await api()).DELETE('/api/v1/services/{name}/secrets/{environment}/{secret}', { params: { path } }),
    )
    out.result(removed, () => `Deleted ${path.secret} of ${path.name} in ${path.environment}.`)
    return 0
  },
})

async function keep({ args, options, api, out, stdin }: Invocation, rotate: boolean): Promise<number> {
  const service = await serviceOf(options, out)
  const client = await api() // who is not signed in is told so before typing a secret
  const environment = String(options['env'])
  const name = args[0] ?? ''
  const words = `Value of ${name} for ${service} in ${environment} (not shown): `
  const value = await readSecret(stdin, { words, stderr: process.stderr })
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

function serviceOf(options: Invocation['options'], out: Invocation['out']): Promise<string> {
  return serviceFrom(options['service'] === undefined ? undefined : String(options['service']), out)
}
