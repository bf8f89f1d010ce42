import type { Drift } from '#model/drift.ts'
import type { Run } from '#model/run.ts'
import { PlatformError } from '#errors/platform-error.ts'
import { answerFields } from '../../client/answer-fields.ts'
import { type ApiClient, dataOf } from '../../client/client.ts'
import type { components } from '../../client/schema.ts'
import { actOptions, effectLines, followRun, idempotencyHeader } from '../act.ts'
import { defineCommand, type Invocation } from '../command.ts'
import { age, type Output } from '../output.ts'

const environmentOption = { flag: '--env <environment>', about: 'only this environment' }
const idOption = { flag: '--id <drift>', about: 'one drift of several, or one that belongs to no service' }

export const drift = defineCommand({
  usage: 'drift [service]',
  summary: 'What differs from what was approved, with its cause',
  options: [environmentOption, { flag: '--resolved', about: 'what differed once, and how it was settled' }],
  examples: ['fairway drift', 'fairway drift shop --env dev', 'fairway drift --json'],
  fields: ['items'],
  async run({ args, options, api, out }) {
    const items = await driftsOf(await api(), {
      ...(args[0] !== undefined && { service: args[0] }),
      ...(options['env'] !== undefined && { environment: String(options['env']) }),
      state: options['resolved'] === true ? 'resolved' : 'open',
    })
    if (out.isJson) out.result({ items }, () => '')
    else if (items.length === 0) out.note('nothing differs from what was approved')
    else out.result({ items }, () => items.map((one) => driftText(one, out)).join('\n\n'))
    return 0
  },
})

export const driftRevert = defineCommand({
  usage: 'drift revert [service]',
  summary: 'Restore what was approved',
  options: [environmentOption, idOption, ...actOptions],
  examples: ['fairway drift revert shop --env dev --wait', 'fairway drift revert --id d4k2m9xq7r --dry-run'],
  fields: answerFields['POST /api/v1/drift/{id}/revert'],
  run: (invocation) => settle(invocation, 'revert'),
})

export const driftAdopt = defineCommand({
  usage: 'drift adopt [service]',
  summary: 'Put Git’s state through rules and approvals',
  options: [environmentOption, idOption, ...actOptions],
  examples: ['fairway drift adopt shop --env dev --wait', 'fairway drift adopt shop --env production --dry-run'],
  fields: answerFields['POST /api/v1/drift/{id}/adopt'],
  run: (invocation) => settle(invocation, 'adopt'),
})

async function settle(invocation: Invocation, act: 'revert' | 'adopt'): Promise<number> {
  const { options, out } = invocation
  const api = await invocation.api()
  const params = { path: { id: await chosenDrift(invocation, api) } }
  const post = (dryRun: boolean) => {
    const request = { params, body: { dryRun }, headers: idempotencyHeader() }
    return dataOf(
      act === 'revert' ? api.POST('/api/v1/drift/{id}/revert', request) : api.POST('/api/v1/drift/{id}/adopt', request),
    )
  }
  if (options['dryRun'] === true) {
    const { plan } = (await post(true)) as { plan: components['schemas']['DriftPlan'] }
    out.result({ plan }, () =>
      [driftText(plan.drift, out), `approval: ${plan.approval}`, 'a run would:', effectLines(plan.effects)].join('\n'),
    )
    return 0
  }
  const { run } = (await post(false)) as { run: Run }
  return followRun(invocation, api, { run })
}

/** The one drift that is meant; several of a place need --id. */
async function chosenDrift({ args, options, serviceOf }: Invocation, api: ApiClient): Promise<string> {
  if (options['id'] !== undefined) return String(options['id'])
  const service = await serviceOf(args[0])
  const environment = options['env'] === undefined ? {} : { environment: String(options['env']) }
  const [first, ...others] = await driftsOf(api, { service, ...environment, state: 'open' })
  if (!first) throw new PlatformError('DRIFT_NONE', `${service} is as it was approved`, { hint: 'fairway drift' })
  if (others.length === 0) return first.id
  const ids = [first, ...others].map((one) => `${one.id} (${one.environment}, ${one.kind})`)
  throw new PlatformError('USAGE', `${service} has several drifts: ${ids.join(', ')}`, { hint: 'name one with --id' })
}

async function driftsOf(
  api: ApiClient,
  query: { service?: string; environment?: string; state: 'open' | 'resolved' },
): Promise<readonly Drift[]> {
  const { items } = await dataOf(api.GET('/api/v1/drift', { params: { query: { limit: 200, ...query } } }))
  return items as readonly Drift[]
}

function driftText(one: Drift, out: Output): string {
  const { cause, run, resolution, resolvedAt } = one
  const lines = [
    `${out.bold(one.path)} (${one.kind}, ${one.id}), since ${age(one.since, out.isTerminal)}`,
    `  ${one.summary}`,
    ...(cause?.author ? [`  by ${cause.author}, as the commit says`] : cause ? [`  cause: ${cause.what}`] : []),
    ...one.fields.map(({ field, wanted, live }) => `  ${field}: ${wanted ?? '(absent)'} → ${live ?? '(absent)'}`),
    ...(run ? [`  run ${run}`] : []),
    ...(resolvedAt ? [`  ${resolution} ${age(resolvedAt, out.isTerminal)}`] : []),
    ...(!resolvedAt && !one.adopt.can ? [`  cannot be adopted: ${one.adopt.reason}`] : []),
  ]
  return lines.join('\n')
}
