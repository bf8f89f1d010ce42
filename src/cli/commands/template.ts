import { answerFields, rowFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import { defineCommand } from '../command.ts'

export const templateList = defineCommand({
  usage: 'template list',
  summary: 'Golden paths',
  fields: rowFields['GET /api/v1/templates'],
  async run({ api, out }) {
    const { items } = await dataOf((await api()).GET('/api/v1/templates'))
    out.table(
      items,
      [
        { title: 'NAME', cell: (row) => row.name },
        { title: 'TITLE', cell: (row) => row.title },
        { title: 'OWNER', cell: (row) => row.owner },
        { title: 'USED BY', cell: (row) => String(row.usedBy) },
        { title: 'USUALLY', cell: (row) => (row.medianSeconds === undefined ? '-' : `${row.medianSeconds} s`) },
      ],
      'no golden paths in the platform repository',
    )
    return 0
  },
})

export const templateShow = defineCommand({
  usage: 'template show <template>',
  summary: 'The questions of a golden path',
  examples: ['fairway template show http-api'],
  fields: answerFields['GET /api/v1/templates/{name}'],
  async run({ args, api, out }) {
    const path = await dataOf(
      (await api()).GET('/api/v1/templates/{name}', { params: { path: { name: args[0] ?? '' } } }),
    )
    const questions = path.parameters.flatMap((page) => {
      const required = (page['required'] ?? []) as string[]
      return Object.entries(
        (page['properties'] ?? {}) as Record<
          string,
          { type?: string; title?: string; description?: string; default?: unknown }
        >,
      ).map(([name, question]) => {
        const facts = [
          question.type,
          required.includes(name) ? 'required' : undefined,
          question.default === undefined ? undefined : `default ${JSON.stringify(question.default)}`,
        ]
        return `  ${name.padEnd(16)} ${facts.filter(Boolean).join(', ').padEnd(28)} ${question.description ?? question.title ?? ''}`
      })
    })
    out.result(path, () =>
      [
        `${out.bold(path.title)} (${path.name})`,
        path.description,
        'questions:',
        ...questions,
        'makes:',
        ...path.makes.map((line) => `  ${line}`),
      ].join('\n'),
    )
    return 0
  },
})
