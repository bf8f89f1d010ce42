import { resolve } from 'node:path'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import type { DevSettings } from '#model/dev-session.ts'
import { type ApiClient, dataOf } from '../../client/client.ts'
import { defineCommand, type Development, type DevelopmentHears, type Invocation } from '../command.ts'
import { devEnvironment, devPlan, planText } from '../dev/dev-plan.ts'
import { keepRoute } from '../dev/keep-route.ts'
import { ownValues, ownValuesFile } from '../dev/own-values.ts'
import { requirePackages, startCommand } from '../dev/start-command.ts'
import type { Output } from '../output.ts'
import { readWorkingTree } from '../working-tree.ts'

export const dev = defineCommand({
  usage: 'dev [folder]',
  summary: 'Run this folder’s service from source, as the first environment would',
  options: [
    { flag: '--port <number>', about: 'where the service listens (default: a free port)' },
    { flag: '--requests', about: 'a line for each request by the gateway’s name' },
    { flag: '--no-secrets', about: `ask for no values of secrets: use those of ${ownValuesFile} alone` },
    { flag: '--dry-run', about: 'say command, variables and address; start nothing' },
  ],
  examples: [
    'fairway dev',
    'fairway dev ~/shop --port 8080 --requests',
    'fairway dev --dry-run',
    `values of your own, as NAME=value, go into ${ownValuesFile} beside score.yaml, which Git must ignore`,
  ],
  // the plan of --dry-run, else events: ready, line, request
  fields: [
    'service',
    'environment',
    'ownEnvironment',
    'address',
    'port',
    'command',
    'commandFrom',
    'folder',
    'variables',
    'secrets',
    'notes',
    'event',
    'at',
    'level',
    'text',
    'fields',
    'stream',
    'method',
    'path',
    'status',
    'ms',
  ],
  async run(invocation) {
    const { args, options, api, out, local, session } = invocation
    const port = portOf(options['port'])
    const { service, from, folder, files } = await readWorkingTree(resolve(args[0] ?? '.'))
    out.note(`service ${service}, from ${from}`)
    const command = await startCommand(folder)
    const own = await ownValues(folder)
    const isDry = options['dryRun'] === true
    if (!isDry) await requirePackages(folder)
    const client = await api()
    const body = { files: [...files], secrets: options['secrets'] !== false, dryRun: isDry }
    const settings = await dataOf(
      client.POST('/api/v1/services/{name}/dev', { params: { path: { name: service } }, body }),
    )
    const known = { settings, own, command, folder }
    const plan = devPlan(known)
    if (isDry) {
      out.result(plan, () => planText(plan, out))
      return 0
    }
    for (const note of plan.notes) out.note(out.yellow(note))
    const hears = tellsTerminal(out, options['requests'] === true)
    const isPort = (value: string) => settings.port !== undefined && value === String(settings.port)
    const started = await local.develop(
      {
        service,
        folder,
        argv: command.argv,
        env: { ...devEnvironment(known, process.env), ...telemetryOf(settings, session.server) },
        portVariables: settings.variables.flatMap(({ name, value }) =>
          /(^|_)PORT$/.test(name) && isPort(value) ? name : [],
        ),
        port,
        secrets: [...settings.secrets.flatMap(({ value }) => value ?? []), ...Object.values(own)],
        logs: logsOf(settings, session.server),
      },
      hears,
    )
    return untilItEnds({ invocation, started, settings, client, hears })
  },
})

interface Session {
  readonly invocation: Invocation
  readonly started: Development
  readonly settings: DevSettings
  readonly client: ApiClient
  readonly hears: DevelopmentHears
}

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

async function untilItEnds({ invocation, started, settings, client, hears }: Session): Promise<number> {
  const { out } = invocation
  const { service, ownEnvironment } = settings
  const asked = new Promise<number>((settle) => {
    for (const [signal, code] of Object.entries(signals)) {
      process.once(signal, () => {
        settle(code)
        process.once(signal, () => process.exit(code)) // the guard ends the command all the same
      })
    }
  })
  let route: Awaited<ReturnType<typeof keepRoute>> | undefined
  try {
    const wanted = { service, port: started.doorPort, proof: started.proof, note: hears.note }
    route = settings.gateway
      ? await keepRoute(client, wanted).catch((error: unknown) => without(error, hears))
      : undefined
    const own = `http://127.0.0.1:${started.port}`
    const address = route?.route.url ?? own
    if (!settings.gateway) hears.note('the platform has no gateway of its own, so the service has no name')
    if (route?.route.heldBy) hears.note(`${service}.me.localhost is ${route.route.heldBy}'s now`)
    const ready = async () => {
      if (!(await started.ready)) return
      const news = {
        event: 'ready',
        service,
        address,
        port: started.port,
        environment: settings.environment,
        ownEnvironment,
      }
      out.result(news, () => `${out.green('ready')} ${out.bold(address)}  ${out.dim(`logs and traces: --env me`)}`)
    }
    void ready()
    const end = await Promise.race([asked, started.ended])
    if (typeof end === 'number') {
      hears.note('stopping')
      return end
    }
    if (end.code === 0) {
      hears.note('the command ended')
      return 0
    }
    throw new PlatformError('DEV_COMMAND_FAILED', `the command of ${service} ended with ${end.code}`, {
      ...(end.lastWords && { hint: end.lastWords }),
    })
  } finally {
    await Promise.all([route?.end(), started.stop()])
  }
}

/** Only a second one of the same person is no way to go on: two would take turns under one name. */
function without(error: unknown, hears: DevelopmentHears): undefined {
  if (codeOf(error) === 'DEV_RUNS_ALREADY' || codeOf(error) === undefined) throw error
  const isElsewhere = codeOf(error) === 'DEV_ROUTE_REFUSED'
  const why = isElsewhere ? 'the platform does not run on this machine' : (error as Error).message
  hears.note(`no name of the gateway leads here: ${why}`)
  return undefined
}

function telemetryOf({ otlp }: DevSettings, server: string): Record<string, string> {
  if (!otlp) return {}
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: `${server}${otlp.path}`,
    OTEL_EXPORTER_OTLP_HEADERS: `Authorization=${encodeURIComponent(`Bearer ${otlp.token}`)}`,
  }
}

function logsOf({ otlp, owner, ownEnvironment }: DevSettings, server: string) {
  return otlp && { endpoint: `${server}${otlp.path}`, token: otlp.token, owner, environment: ownEnvironment }
}

function tellsTerminal(out: Output, requests: boolean): DevelopmentHears {
  const levels: Record<string, (text: string) => string> = { warn: out.yellow, error: out.red, fatal: out.red }
  return {
    line(line) {
      const paint = levels[line.level] ?? out.dim
      const fields = Object.entries(line.fields).filter(([name]) => name !== 'span_id')
      const more = fields.map(
        ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
      )
      const text = () =>
        `${out.dim(line.at.slice(11, 23))} ${paint(line.level.padEnd(5))} ${line.text}${out.dim(more.join(''))}`
      out.result({ event: 'line', ...line }, text)
    },
    request(request) {
      if (!requests) return
      const { method, path, status, ms } = request
      const paint = status >= 500 ? out.red : status >= 400 ? out.yellow : out.green
      out.result(
        { event: 'request', ...request },
        () => `${out.dim('request     ')} ${paint(String(status))}   ${method} ${path} ${out.dim(`${ms} ms`)}`,
      )
    },
    note: (text) => out.note(text),
  }
}

function portOf(given: Invocation['options'][string]): number | undefined {
  if (given === undefined) return undefined
  const port = Number(given)
  if (Number.isInteger(port) && port >= 1_024 && port <= 65_535) return port
  throw new PlatformError('USAGE', `--port takes a number from 1024 to 65535, not ${String(given)}`)
}
