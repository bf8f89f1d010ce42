import { answerFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import type { components } from '../../client/schema.ts'
import { defineCommand, environmentOption } from '../command.ts'
import type { Output } from '../output.ts'

type MetricsAsCode = components['schemas']['MetricsAsCode']

export const metrics = defineCommand({
  usage: 'metrics [service]',
  summary: 'Golden signals of a service in an environment, its dashboard and its alert rules',
  options: [environmentOption, { flag: '--minutes <count>', about: 'how far back to look (default 60)' }],
  examples: ['fairway metrics shop --env dev', 'fairway metrics shop --env production --minutes 1440 --json'],
  fields: answerFields['GET /api/v1/services/{name}/metrics'],
  async run({ args, options, api, out, serviceOf }) {
    const name = await serviceOf(args[0])
    const environment = String(options['env'])
    const minutes = Number(options['minutes'] ?? 60)
    const answer = await dataOf(
      (await api()).GET('/api/v1/services/{name}/metrics', {
        params: { path: { name }, query: { environment, minutes } },
      }),
    )
    if (out.isJson) {
      out.result(answer, () => '')
      return 0
    }
    out.table(
      answer.series.filter(({ points }) => points.some(([, value]) => value !== null)),
      [
        { title: 'SIGNAL', cell: ({ name: signal, labels }) => [signal, ...Object.values(labels)].join(' ') },
        { title: 'LAST', cell: (series) => shown(valuesOf(series).at(-1)) },
        { title: 'HIGHEST', cell: (series) => shown(Math.max(...valuesOf(series))) },
        { title: 'UNIT', cell: ({ unit }) => (unit === '1' ? 'share' : unit) },
      ],
      `no metrics of ${name} in ${environment} in the last ${minutes} minutes`,
    )
    if (answer.asCode) tell(answer.asCode, out)
    return 0
  },
})

function valuesOf({ points }: { points: readonly (readonly (number | null)[])[] }): number[] {
  return points.flatMap(([, value]) => (typeof value === 'number' ? [value] : []))
}

function shown(value: number | undefined): string {
  return value === undefined ? '-' : String(Math.round(value * 1000) / 1000)
}

function tell({ dashboard, alerts, unavailable }: MetricsAsCode, out: Output): void {
  if (unavailable) out.note(`\ndashboard and alert rules are not known now: ${unavailable}`)
  if (dashboard) out.note(`\n${dashboard.product}: ${dashboard.url}`)
  for (const { name, severity, summary, expression, for: lasts } of alerts ?? [])
    out.note(`\n${out.bold(name)} (${severity}, after ${lasts}): ${summary}\n  ${out.dim(expression)}`)
}
