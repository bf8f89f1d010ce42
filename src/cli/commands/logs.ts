import { setTimeout as pause } from 'node:timers/promises'
import { rowFields } from '../../client/answer-fields.ts'
import { dataOf } from '../../client/client.ts'
import type { components } from '../../client/schema.ts'
import { defineCommand, environmentOption } from '../command.ts'
import type { Output } from '../output.ts'

type LogLine = components['schemas']['LogLine']

const levels = ['debug', 'info', 'warn', 'error'] satisfies LogLine['level'][]

export const logs = defineCommand({
  usage: 'logs [service]',
  summary: 'Log lines of a service in an environment',
  options: [
    environmentOption,
    { flag: '-f, --follow', about: 'go on with new lines' },
    { flag: '-n, --lines <count>', about: 'how many of the newest lines (default 200)' },
    { flag: '--level <level>', about: 'this level and above', choices: levels },
    { flag: '--contains <text>', about: 'only lines that hold this text' },
  ],
  examples: ['fairway logs shop --env dev -f', 'fairway logs shop --env production --level warn --json'],
  fields: rowFields['GET /api/v1/services/{name}/logs'],
  async run({ args, options, api, out, serviceOf }) {
    const name = await serviceOf(args[0])
    const client = await api()
    const base = {
      environment: String(options['env']),
      ...(options['level'] !== undefined && { level: String(options['level']) as LogLine['level'] }),
      ...(options['contains'] !== undefined && { contains: String(options['contains']) }),
    }
    let after: string | undefined
    for (;;) {
      const query = { ...base, limit: after ? 1000 : Number(options['lines'] ?? 200), ...(after && { after }) }
      const { items } = await dataOf(client.GET('/api/v1/services/{name}/logs', { params: { path: { name }, query } }))
      for (const line of items) print(line, out)
      after = items.at(-1)?.cursor ?? after
      if (options['follow'] !== true) break
      await pause(items.length > 0 ? 200 : 700)
    }
    if (!after) out.note(`no log lines of ${name} in ${base.environment} yet`)
    return 0
  },
})

function print(line: LogLine, out: Output): void {
  const traced = line.traceId ? out.dim(` trace=${line.traceId}`) : ''
  const level = line.level.padEnd(5)
  const painted =
    line.level === 'error' || line.level === 'fatal'
      ? out.red(level)
      : line.level === 'warn'
        ? out.yellow(level)
        : out.dim(level)
  out.result(line, () => `${out.dim(line.at)} ${painted} ${line.text}${out.dim(fieldsOf(line))}${traced}`)
}

// What the platform added itself would drown what the service says.
function fieldsOf({ fields = {} }: LogLine): string {
  const own = Object.entries(fields).filter(([name]) => name !== 'span_id' && !name.startsWith('log.'))
  return own.map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`).join('')
}
