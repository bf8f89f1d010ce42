import { PlatformError } from '#errors/platform-error.ts'
import { rowFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import { defineCommand } from '../command.ts'
import { atDoor, doorLines } from '../door-text.ts'
import { age } from '../output.ts'
import { noteMore, pageOf, pagingOptions } from '../paging.ts'

export const envList = defineCommand({
  usage: 'env list',
  summary: 'Environments in promotion order',
  fields: rowFields['GET /api/v1/environments'],
  async run({ api, out }) {
    const { items } = await dataOf((await api()).GET('/api/v1/environments'))
    out.table(
      items,
      [
        { title: 'NAME', cell: (row) => row.metadata.name },
        { title: 'TITLE', cell: (row) => row.metadata.title ?? '-' },
        { title: 'ORDER', cell: (row) => String(row.spec.order) },
        { title: 'APPROVAL', cell: (row) => row.spec.approval ?? 'none' },
        { title: 'ROLLBACK', cell: (row) => row.spec.rollback ?? 'immediate' },
        { title: 'REPLICAS', cell: (row) => String(row.spec.defaults.replicas ?? 1) },
      ],
      'no environments in the platform repository',
    )
    return 0
  },
})

export const policyList = defineCommand({
  usage: 'policy list',
  summary: 'Rules in force',
  fields: rowFields['GET /api/v1/policies'],
  async run({ api, out }) {
    const { items, bundleDigest } = await dataOf((await api()).GET('/api/v1/policies'))
    out.note(`bundle ${bundleDigest}`)
    out.table(
      items,
      [
        { title: 'RULE', cell: (row) => row.metadata.name },
        { title: 'SEVERITY', cell: (row) => row.spec.severity },
        { title: 'GATES', cell: (row) => row.spec.gates.join(', ') },
        { title: 'TITLE', cell: (row) => row.metadata.title },
      ],
      'no rules in force',
    )
    return 0
  },
})

export const policyExplain = defineCommand({
  usage: 'policy explain <rule>',
  summary: 'One rule: why it is there, where it is asked, how to satisfy it',
  examples: ['fairway policy explain approved-image'],
  fields: [...rowFields['GET /api/v1/policies'], 'inClusters'],
  async run({ args, api, out }) {
    const { items } = await dataOf((await api()).GET('/api/v1/policies'))
    const rule = items.find((item) => item.metadata.name === args[0])
    if (!rule) throw new PlatformError('NOT_FOUND', `no rule is called ${args[0]}`, { hint: 'fairway policy list' })
    const { items: doors } = await dataOf((await api()).GET('/api/v1/admission'))
    const inClusters = doors.map(({ environment, admission }) => ({
      environment,
      ...atDoor(admission, String(args[0])),
    }))
    out.result({ ...rule, inClusters }, ({ metadata, spec }) =>
      [
        `${out.bold(metadata.title)} (${metadata.name}, ${spec.severity})`,
        `why    ${spec.why}`,
        `fix    ${spec.fix}`,
        `asked  ${spec.gates.join(', ')}${spec.environments?.length ? ` in ${spec.environments.join(', ')}` : ''}`,
        `owner  ${spec.owner}`,
        ...(spec.gates.includes('admission') ? inClusters.flatMap((door) => doorLines(door, out.isTerminal)) : []),
      ].join('\n'),
    )
    return 0
  },
})

export const auditList = defineCommand({
  usage: 'audit list',
  summary: 'Audit records, newest first',
  options: [
    { flag: '--actor <person>', about: 'only of this person' },
    { flag: '--action <action>', about: 'only of this kind, as promote' },
    { flag: '--object <object>', about: 'only about this, as service:shop' },
    { flag: '--run <run>', about: 'only of this run' },
    ...pagingOptions,
  ],
  fields: rowFields['GET /api/v1/audit'],
  async run({ options, api, out }) {
    const query = {
      ...pageOf(options),
      ...(options['actor'] !== undefined && { actor: String(options['actor']) }),
      ...(options['action'] !== undefined && { action: String(options['action']) }),
      ...(options['object'] !== undefined && { object: String(options['object']) }),
      ...(options['run'] !== undefined && { run: String(options['run']) }),
    }
    const { items, next } = await dataOf((await api()).GET('/api/v1/audit', { params: { query } }))
    out.table(
      items,
      [
        { title: 'SEQ', cell: (row) => String(row.seq) },
        { title: 'WHEN', cell: (row) => age(row.at, out.isTerminal) },
        { title: 'ACTOR', cell: (row) => row.actor },
        { title: 'ACTION', cell: (row) => row.action },
        { title: 'OBJECT', cell: (row) => row.object },
        { title: 'PHASE', cell: (row) => row.phase },
        { title: 'RESULT', cell: (row) => (row.result ? out.state(row.result) : '-') },
      ],
      'no audit records match',
    )
    noteMore(out, next)
    return 0
  },
})
