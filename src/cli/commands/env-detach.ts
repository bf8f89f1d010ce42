import { setTimeout as pause } from 'node:timers/promises'
import { answerFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import { defineCommand, yesOption } from '../command.ts'

const longestMs = 10 * 60_000

export const envDetach = defineCommand({
  usage: 'env detach <environment>',
  summary: 'Take the product that delivers to an environment off the delivery repository, with all it deployed there',
  options: [
    { flag: '--dry-run', about: 'print what would go; change nothing' },
    yesOption,
    { flag: '--wait', about: 'come back once all of it is gone, or after 10 minutes with exit code 1' },
  ],
  examples: ['fairway env detach dev --dry-run', 'fairway env detach dev --yes --wait --as platform'],
  fields: answerFields['POST /api/v1/environments/{name}/detach'],
  async run({ args: [name = ''], options, api, ask, out }) {
    const client = await api()
    const detach = (dryRun: boolean) =>
      dataOf(client.POST('/api/v1/environments/{name}/detach', { params: { path: { name } }, body: { dryRun } }))
    const dryRun = options['dryRun'] === true
    if (!dryRun) await ask.confirm(`Take everything that is deployed to ${name} away?`)
    const first = await detach(dryRun)
    let left = first
    const end = performance.now() + longestMs
    while (options['wait'] === true && !dryRun && left.objects.length > 0 && performance.now() < end) {
      await pause(2_000)
      left = await detach(true)
    }
    const done = options['wait'] === true ? left : first
    out.result({ ...done, dryRun }, ({ product, environment }) => {
      const list = first.objects.map((one) => `delete    ${one.name}`).join('\n')
      if (first.objects.length === 0) return `${product} delivers nothing to ${environment}.`
      if (dryRun) return `${list}\nNothing was changed. The services of ${environment} would stop.`
      const over = `${product} delivers nothing to ${environment} any more; the delivery repository stays as it is.`
      return `${list}\n${left.objects.length === 0 ? over : `It goes on: fairway env detach ${environment} --dry-run says what is left.`}`
    })
    return options['wait'] === true && !dryRun && left.objects.length > 0 ? 1 : 0
  },
})
