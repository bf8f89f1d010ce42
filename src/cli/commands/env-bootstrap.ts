import { answerFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import { defineCommand } from '../command.ts'

export const envBootstrap = defineCommand({
  usage: 'env bootstrap <environment>',
  summary: 'Point the product that delivers to an environment at the delivery repository',
  options: [{ flag: '--dry-run', about: 'print the manifest and what would change; write nothing' }],
  examples: ['fairway env bootstrap dev --dry-run', 'fairway env bootstrap production --as platform'],
  fields: answerFields['POST /api/v1/environments/{name}/bootstrap'],
  async run({ args: [name = ''], options, api, out }) {
    const dryRun = options['dryRun'] === true
    const asked = { params: { path: { name } }, body: { dryRun } }
    const done = await dataOf((await api()).POST('/api/v1/environments/{name}/bootstrap', asked))
    const { stringify } = await import('yaml')
    out.result(done, ({ objects, product, environment }) => {
      const manifest = objects
        .map(({ object }) => stringify(object, { compat: 'yaml-1.1', lineWidth: 0 }))
        .join('---\n')
      const changes = objects.map((one) => `${words[one.change].padEnd(9)} ${one.name}`).join('\n')
      const next = dryRun ? 'Nothing was written.' : `${product} now reads the delivery repository for ${environment}.`
      return `${manifest}\n${changes}\n${next}`
    })
    return 0
  },
})

const words = { created: 'create', changed: 'change', none: 'unchanged', deleted: 'delete' } as const
