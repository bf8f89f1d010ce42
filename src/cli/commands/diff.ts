import { answerFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import { defineCommand } from '../command.ts'
import { deliveryText } from '../delivery-text.ts'

export const diff = defineCommand({
  usage: 'diff [service]',
  summary: 'What a promotion would change, rendered',
  options: [{ flag: '--to <environment>', about: 'where a promotion would go', required: true }],
  examples: ['fairway diff shop --to production'],
  fields: answerFields['GET /api/v1/services/{name}/diff'],
  async run({ args, options, api, out, serviceOf }) {
    const name = await serviceOf(args[0])
    const preview = await dataOf(
      (await api()).GET('/api/v1/services/{name}/diff', {
        params: { path: { name }, query: { to: String(options['to']) } },
      }),
    )
    out.result(preview, () => deliveryText(preview, out))
    return preview.verdict.allowed ? 0 : 3
  },
})
