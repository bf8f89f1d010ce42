import { dataOf } from '../../client/client.ts'
import { defineCommand } from '../command.ts'
import { deliveryText } from '../delivery-text.ts'
import { serviceFrom } from '../folder.ts'

export const diff = defineCommand({
  usage: 'diff [service]',
  summary: 'What a promotion would change, rendered',
  options: [{ flag: '--to <environment>', about: 'where a promotion would go', required: true }],
  examples: ['fairway diff shop --to production'],
  async run({ args, options, api, out }) {
    const name = await serviceFrom(args[0], out)
    const preview = await dataOf(
      (await api()).GET('/api/v1/services/{name}/diff', {
        params: { path: { name }, query: { to: String(options['to']) } },
      }),
    )
    out.result(preview, () => deliveryText(preview, out))
    return preview.verdict.allowed ? 0 : 3
  },
})
