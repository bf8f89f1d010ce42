import type { Run } from '#model/run.ts'
import { answerFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import { actOptions, followRun, idempotencyHeader } from '../act.ts'
import { defineCommand, environmentOption } from '../command.ts'
import { type DeliveryPreview, deliveryText } from '../delivery-text.ts'

export const rollback = defineCommand({
  usage: 'rollback [service]',
  summary: 'Bring back the last healthy deployment',
  options: [
    environmentOption,
    { flag: '--to <commit>', about: 'delivery commit of an earlier deployment (fairway history)' },
    { flag: '--reason <text>', about: 'why, for the record' },
    ...actOptions,
  ],
  examples: ['fairway rollback shop --env staging --wait', 'fairway rollback shop --env production --dry-run'],
  fields: [...answerFields['POST /api/v1/services/{name}/rollbacks'], 'service'],
  async run(invocation) {
    const { args, options, out, serviceOf } = invocation
    const name = await serviceOf(args[0])
    const api = await invocation.api()
    const params = { path: { name } }
    const body = {
      environment: String(options['env']),
      reason: String(options['reason'] ?? ''),
      ...(options['to'] !== undefined && { to: String(options['to']) }),
    }
    if (options['dryRun'] === true) {
      const { preview } = (await dataOf(
        api.POST('/api/v1/services/{name}/rollbacks', { params, body: { ...body, dryRun: true } }),
      )) as { preview: DeliveryPreview }
      out.result({ preview }, () => deliveryText(preview, out))
      return preview.verdict.allowed ? 0 : 3
    }
    const { run } = (await dataOf(
      api.POST('/api/v1/services/{name}/rollbacks', {
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
