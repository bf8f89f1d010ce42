import { PlatformError } from '#errors/platform-error.ts'
import { answerFields, rowFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import { defineCommand } from '../command.ts'
import { age } from '../output.ts'
import { noteMore, pageOf, pagingOptions } from '../paging.ts'

const kinds = ['approval-waiting', 'run-failed', 'rolled-back'] as const
type Kind = (typeof kinds)[number]

export const notificationsList = defineCommand({
  usage: 'notifications list',
  summary: 'What I was told: approvals that wait for me, my failed runs, rollbacks',
  options: [
    { flag: '--unread', about: 'only what I did not read yet' },
    { flag: '--kind <kind>', about: 'only of this kind', choices: kinds },
    ...pagingOptions,
  ],
  examples: ['fairway notifications list --unread', 'fairway notifications list --kind run-failed --json'],
  fields: rowFields['GET /api/v1/notifications'],
  async run({ options, api, out }) {
    const query = {
      ...pageOf(options),
      ...(options['unread'] === true && { unread: 'true' as const }),
      ...(options['kind'] !== undefined && { kind: kindsIn(String(options['kind']))[0] as Kind }),
    }
    const { items, unread, next } = await dataOf((await api()).GET('/api/v1/notifications', { params: { query } }))
    out.table(
      items,
      [
        { title: 'ID', cell: (row) => row.id },
        { title: 'READ', cell: (row) => (row.readAt ? 'yes' : 'no') },
        { title: 'WHAT', cell: (row) => row.title },
        { title: 'OF', cell: (row) => row.change ?? row.run },
        { title: 'WHEN', cell: (row) => age(row.at, out.isTerminal) },
      ],
      'nothing yet; you are told of approvals that wait for you, of your failed runs and of rollbacks of your teams',
    )
    noteMore(out, next)
    if (unread > 0) out.note(`${unread} unread; mark all with: fairway notifications read --all`)
    return 0
  },
})

export const notificationsRead = defineCommand({
  usage: 'notifications read [notification]',
  summary: 'Mark notifications as read',
  options: [{ flag: '--all', about: 'all of mine' }],
  examples: ['fairway notifications read --all'],
  fields: ['marked'],
  async run({ args, options, api, out }) {
    const [id] = args
    if ((id === undefined) === (options['all'] !== true))
      throw new PlatformError('USAGE', 'name one notification, or --all', { hint: 'fairway notifications list' })
    const body = id === undefined ? {} : { ids: [id] }
    const result = await dataOf((await api()).POST('/api/v1/notifications/read', { body }))
    out.result(result, ({ marked }) => `${marked} marked as read`)
    return 0
  },
})

export const notificationsPreferences = defineCommand({
  usage: 'notifications preferences',
  summary: 'Which kinds reach me, and how',
  options: [
    { flag: '--inbox <kinds>', about: `kinds for portal and command line, with commas, or none: ${kinds.join(',')}` },
    { flag: '--mail <kinds>', about: 'kinds for mail, with commas, or none' },
  ],
  examples: [
    'fairway notifications preferences',
    'fairway notifications preferences --mail approval-waiting,run-failed',
  ],
  fields: answerFields['GET /api/v1/notifications/preferences'],
  async run({ options, api, out }) {
    const client = await api()
    const now = await dataOf(client.GET('/api/v1/notifications/preferences'))
    const [inbox, mail] = [options['inbox'], options['mail']]
    const body = {
      inbox: inbox === undefined ? now.chosen.inbox : kindsIn(String(inbox)),
      mail: mail === undefined ? now.chosen.mail : kindsIn(String(mail)),
    }
    const isChange = inbox !== undefined || mail !== undefined
    const shown = isChange ? await dataOf(client.PUT('/api/v1/notifications/preferences', { body })) : now
    out.result(shown, ({ chosen, mail: way, webhooks }) =>
      [
        `inbox     ${chosen.inbox.join(', ') || 'nothing'}`,
        `mail      ${chosen.mail.join(', ') || 'nothing'}${way.isSetUp ? ` to ${way.address ?? 'nowhere: org/ names no address of yours'}` : ' (no mail server is set up: nothing is sent)'}`,
        ...webhooks.map(({ team, kinds: wanted }) => `webhook   ${wanted.join(', ')} to ${team}`),
      ].join('\n'),
    )
    return 0
  },
})

export const notificationsGivenUp = defineCommand({
  usage: 'notifications given-up',
  summary: 'Mail and webhooks that could not be delivered, with why; for platform and security engineers',
  examples: ['fairway notifications given-up', 'fairway notifications given-up --json'],
  fields: rowFields['GET /api/v1/notifications/given-up'],
  async run({ api, out }) {
    const { items } = await dataOf((await api()).GET('/api/v1/notifications/given-up'))
    out.table(
      items,
      [
        { title: 'ID', cell: (row) => row.id },
        { title: 'BY', cell: (row) => row.channel },
        { title: 'TO', cell: (row) => row.recipient },
        { title: 'WHY', cell: (row) => row.reason },
        { title: 'WHEN', cell: (row) => age(row.givenUpAt, out.isTerminal) },
      ],
      'no message was given up',
    )
    if (items.length > 0) out.note('when the cause is mended: fairway notifications send-again ID')
    return 0
  },
})

export const notificationsSendAgain = defineCommand({
  usage: 'notifications send-again <message>',
  summary: 'Try a message that was given up anew, under the id it had',
  examples: ['fairway notifications send-again msg_3f0c9d2b7a614e58b1c2d3e4f5a60718'],
  fields: answerFields['POST /api/v1/notifications/given-up/{id}/send-again'],
  async run({ args, api, out }) {
    const path = { id: args[0] ?? '' }
    const sent = await dataOf(
      (await api()).POST('/api/v1/notifications/given-up/{id}/send-again', { params: { path } }),
    )
    out.result(
      sent,
      ({ id }) => `${id} is tried again; what cannot be delivered comes back to: fairway notifications given-up`,
    )
    return 0
  },
})

function kindsIn(text: string): Kind[] {
  if (text === 'none') return []
  return text.split(',').map((word) => {
    const kind = kinds.find((known) => known === word.trim())
    if (kind) return kind
    throw new PlatformError('USAGE', `${word} is no kind of notification`, { hint: `known: ${kinds.join(', ')}` })
  })
}
