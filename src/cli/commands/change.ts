import { PlatformError } from '#errors/platform-error.ts'
import { answerFields, rowFields } from '../../client/answer-fields.ts'
import { type ApiClient, dataOf } from '../../client/client.ts'
import type { components } from '../../client/schema.ts'
import { defineCommand } from '../command.ts'
import { diffText } from '../diff-text.ts'
import type { Invocation } from '../command.ts'
import { age, type Output } from '../output.ts'
import { limitOption, noteFull, pageOf } from '../paging.ts'

type ChangeRequest = components['schemas']['ChangeRequest']

export const changeOpen = defineCommand({
  usage: 'change open',
  summary: 'Open a change request for a pushed branch',
  options: [
    { flag: '--branch <name>', about: 'the pushed branch', required: true },
    { flag: '--service <service>', about: 'service whose repository it is' },
    { flag: '--repo <owner/name>', about: 'any repository, as fairway/platform' },
    { flag: '--title <text>', about: 'what the change is', required: true },
    { flag: '--description <text>', about: 'why' },
  ],
  examples: [
    'fairway change open --service shop --branch fix-price --title "Round prices"',
    'fairway change open --repo fairway/platform --branch freeze --title "Freeze production"',
  ],
  fields: answerFields['POST /api/v1/changes'],
  async run({ options, api, out }) {
    const client = await api()
    const repo = await repository(client, options)
    const body = {
      repo,
      branch: String(options['branch']),
      title: String(options['title']),
      description: String(options['description'] ?? ''),
    }
    const change = await dataOf(client.POST('/api/v1/changes', { body }))
    out.result(
      change,
      () => changeText(change, out),
      () => change.id,
    )
    return 0
  },
})

export const changeList = defineCommand({
  usage: 'change list',
  summary: 'Change requests',
  options: [
    {
      flag: '--state <state>',
      about: 'default open',
      choices: ['open', 'merged', 'closed'] satisfies ChangeRequest['state'][],
    },
    { flag: '--service <service>', about: 'only of this service' },
    { flag: '--mine', about: 'opened by me, or waiting for me' },
    limitOption,
  ],
  fields: rowFields['GET /api/v1/changes'],
  async run({ options, api, out }) {
    const state = String(options['state'] ?? 'open') as ChangeRequest['state']
    const query = {
      ...pageOf(options),
      state,
      ...(options['service'] !== undefined && { service: String(options['service']) }),
      ...(options['mine'] === true && { mine: 'true' as never }),
    }
    const { items } = await dataOf((await api()).GET('/api/v1/changes', { params: { query } }))
    out.table(
      items,
      [
        { title: 'CHANGE', cell: (row) => row.id },
        { title: 'STATE', cell: (row) => out.state(row.state) },
        { title: 'TITLE', cell: (row) => row.title },
        { title: 'BY', cell: (row) => row.author },
        { title: 'NEEDS', cell: (row) => row.mergeable.reasons.join('; ') || '-' },
        { title: 'AGE', cell: (row) => age(row.createdAt, out.isTerminal) },
      ],
      `no ${state} change requests`,
    )
    noteFull(out, items, options)
    return 0
  },
})

export const changeShow = defineCommand({
  usage: 'change show <change>',
  summary: 'One change request with its diff',
  examples: ['fairway change show fairway/delivery#3'],
  fields: [
    ...answerFields['GET /api/v1/changes/{owner}/{repo}/{number}'],
    ...answerFields['GET /api/v1/changes/{owner}/{repo}/{number}/diff'],
  ],
  async run({ args, api, out }) {
    const client = await api()
    const path = parseId(args[0])
    const change = await dataOf(client.GET('/api/v1/changes/{owner}/{repo}/{number}', { params: { path } }))
    const { files, commits } = await dataOf(
      client.GET('/api/v1/changes/{owner}/{repo}/{number}/diff', { params: { path } }),
    )
    out.result({ ...change, files, commits }, () => `${changeText(change, out)}\n${diffText(files, out)}`)
    return 0
  },
})

const reviewOptions = [{ flag: '--comment <text>', about: 'why' }] as const

export const changeApprove = defineCommand({
  usage: 'change approve <change>',
  summary: 'Approve a change request',
  options: reviewOptions,
  examples: ['fairway change approve fairway/delivery#3 --as dev2'],
  fields: answerFields['POST /api/v1/changes/{owner}/{repo}/{number}/reviews'],
  run: (invocation) => review(invocation, 'approve'),
})

export const changeReject = defineCommand({
  usage: 'change reject <change>',
  summary: 'Reject a change request',
  options: reviewOptions,
  fields: answerFields['POST /api/v1/changes/{owner}/{repo}/{number}/reviews'],
  run: (invocation) => review(invocation, 'reject'),
})

export const changeMerge = defineCommand({
  usage: 'change merge <change>',
  summary: 'Merge a change request',
  fields: answerFields['POST /api/v1/changes/{owner}/{repo}/{number}/merge'],
  async run({ args, api, out }) {
    const client = await api()
    const path = parseId(args[0])
    const { headCommit } = await dataOf(client.GET('/api/v1/changes/{owner}/{repo}/{number}', { params: { path } }))
    const change = await dataOf(
      client.POST('/api/v1/changes/{owner}/{repo}/{number}/merge', { params: { path }, body: { head: headCommit } }),
    )
    out.result(
      change,
      () => changeText(change, out),
      () => change.mergeCommit ?? change.id,
    )
    return 0
  },
})

export const changeClose = defineCommand({
  usage: 'change close <change>',
  summary: 'Close a change request without merging',
  options: [{ flag: '--reason <text>', about: 'why' }],
  fields: answerFields['POST /api/v1/changes/{owner}/{repo}/{number}/close'],
  async run({ args, options, api, out }) {
    const path = parseId(args[0])
    const change = await dataOf(
      (await api()).POST('/api/v1/changes/{owner}/{repo}/{number}/close', {
        params: { path },
        body: { reason: String(options['reason'] ?? '') },
      }),
    )
    out.result(
      change,
      () => changeText(change, out),
      () => change.id,
    )
    return 0
  },
})

async function review({ args, options, api, out }: Invocation, decision: 'approve' | 'reject'): Promise<number> {
  const client = await api()
  const path = parseId(args[0])
  const { headCommit } = await dataOf(client.GET('/api/v1/changes/{owner}/{repo}/{number}', { params: { path } }))
  const body = { decision, head: headCommit, comment: String(options['comment'] ?? '') }
  const change = await dataOf(
    client.POST('/api/v1/changes/{owner}/{repo}/{number}/reviews', { params: { path }, body }),
  )
  out.result(
    change,
    () => changeText(change, out),
    () => change.id,
  )
  if (change.run && decision === 'approve') out.note(`the run goes on: fairway run watch ${change.run}`)
  return 0
}

function changeText(change: ChangeRequest, out: Output): string {
  const checks = change.checks.map((check) => `  check ${check.name}: ${out.state(check.state)} ${check.summary}`)
  const approvals = change.approvals.map(
    (approval) =>
      `  ${approval.decision} by ${approval.by}${approval.valid ? '' : ' (no longer counts)'}${approval.comment ? `: ${approval.comment}` : ''}`,
  )
  const merge =
    change.state === 'open'
      ? change.mergeable.can
        ? 'can merge'
        : `cannot merge: ${change.mergeable.reasons.join('; ')}`
      : change.state
  const needs =
    change.state === 'open' && change.approval.needed && !change.approval.given
      ? [`  approval needed: ${change.approval.mayApprove}`]
      : []
  return [
    `${out.bold(change.id)} ${change.title}`,
    `  by ${change.author}; contributors ${change.contributors.join(', ')}`,
    ...checks,
    ...approvals,
    ...needs,
    `  ${merge}`,
  ].join('\n')
}

function parseId(text: string | undefined): { owner: string; repo: string; number: number } {
  const match = /^([a-z0-9-]+)\/([a-z0-9-]+)#(\d+)$/.exec(text ?? '')
  if (!match)
    throw new PlatformError('USAGE', `a change request is named owner/repository#number, not ${text}`, {
      hint: 'fairway change list',
    })
  return { owner: match[1] ?? '', repo: match[2] ?? '', number: Number(match[3]) }
}

async function repository(client: ApiClient, options: Invocation['options']): Promise<{ owner: string; name: string }> {
  const named = /^([a-z0-9-]+)\/([a-z0-9-]+)$/.exec(String(options['repo'] ?? ''))
  if (named) return { owner: named[1] ?? '', name: named[2] ?? '' }
  if (options['service'] === undefined)
    throw new PlatformError('USAGE', 'say which repository', { hint: '--service NAME, or --repo OWNER/NAME' })
  const { service, owner } = await dataOf(
    client.GET('/api/v1/services/{name}/status', { params: { path: { name: String(options['service']) } } }),
  )
  return { owner, name: service }
}
