import type { Run } from '#model/run.ts'
import { answerFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import { actOptions, followRun, idempotencyHeader } from '../act.ts'
import { defineCommand } from '../command.ts'
import { type DeliveryPreview, deliveryText } from '../delivery-text.ts'

export const promote = defineCommand({
  usage: 'promote [service]',
  summary: 'Promote a release to the next environment',
  options: [
    { flag: '--to <environment>', about: 'where to', required: true },
    { flag: '--version <version>', about: 'a named release instead of the one in the environment before' },
    ...actOptions,
  ],
  examples: ['fairway promote shop --to staging --wait', 'fairway promote shop --to production --dry-run'],
  fields: [...answerFields['POST /api/v1/services/{name}/promotions'], 'service'],
  async run(invocation) {
    const { args, options, out, serviceOf } = invocation
    const name = await serviceOf(args[0])
    const api = await invocation.api()
    const params = { path: { name } }
    const body = {
      to: String(options['to']),
      ...(options['version'] !== undefined && { version: String(options['version']) }),
    }
    if (options['dryRun'] === true) {
      const { preview } = (await dataOf(
        api.POST('/api/v1/services/{name}/promotions', { params, body: { ...body, dryRun: true } }),
      )) as { preview: DeliveryPreview }
      out.result({ preview }, () => deliveryText(preview, out))
      return preview.verdict.allowed ? 0 : 3
    }
    const { run } = (await dataOf(
      api.POST('/api/v1/services/{name}/promotions', {
        params,
        body: { ...body, dryRun: false },
        headers: idempotencyHeader(),
      }),
    )) as { run: Run }
    return followRun(invocation, api, {
      run,
      more: async () => ({ service: await dataOf(api.GET('/api/v1/services/{name}/status', { params })) }),
    })
  },
})
