import { PlatformError } from '#errors/platform-error.ts'
import { asking } from './asking.ts'
import type { Invocation, LocalActs } from './command.ts'
import { createOutput } from './output.ts'
import { serverFetch } from './server-fetch.ts'
import { sessionAccess } from './sessions-file.ts'

export interface CliOptions {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly server: string
  readonly local: LocalActs
  readonly version: string
}

/** What one command gets: its words, the options that every command takes made into output, session and API. */
export function invocationOf(cli: CliOptions, { args, options }: Pick<Invocation, 'args' | 'options'>): Invocation {
  const { json } = options
  const out = createOutput({
    json: typeof json === 'string' ? json.split(',').filter(Boolean) : json === true,
    quiet: options['quiet'] === true,
    color: useColor(cli.env, options['color']),
    width: process.stdout.columns ?? 80,
    stdout: process.stdout,
    stderr: process.stderr,
  })
  const server = (typeof options['server'] === 'string' ? options['server'] : cli.server).replace(/\/$/, '')
  const as = typeof options['as'] === 'string' ? options['as'] : undefined
  const reach = serverFetch({
    server,
    version: cli.version,
    verbose: options['verbose'] === true,
    stderr: process.stderr,
  })
  const session = { ...sessionAccess({ server, as, env: cli.env }), fetch: reach }
  const ask = asking({ stdin: process.stdin, stderr: process.stderr, env: cli.env, options })
  const names = async (patienceMs: number) => {
    const { knownNames } = await import('./known-names.ts')
    return knownNames({ server, person: await session.person(), env: cli.env, patienceMs }, api)
  }
  const services = async () => (await names(10_000)).services
  return {
    args,
    options,
    out,
    session,
    ask,
    local: cli.local,
    version: cli.version,
    stdin: process.stdin,
    names,
    serviceOf: async (given) => (await import('./service-of.ts')).serviceOf(given, { server, ask, out, services }),
    api,
  }

  async function api() {
    const token = await session.token()
    if (!token) throw await notSignedIn(session)
    const { apiClient } = await import('../client/client.ts')
    return apiClient({ baseUrl: server, token, fetch: reach })
  }
}

async function notSignedIn({ server, person }: Invocation['session']): Promise<PlatformError> {
  const name = await person()
  return new PlatformError('NOT_SIGNED_IN', `nobody is signed in to ${server}${name ? ` as ${name}` : ''}`, {
    hint: `fairway login --as ${name ?? 'NAME'}`,
  })
}

function useColor(env: NodeJS.ProcessEnv, flag: unknown): boolean {
  if (env.CLICOLOR_FORCE && env.CLICOLOR_FORCE !== '0') return true
  return flag !== false && !env.NO_COLOR && env.TERM !== 'dumb' && process.stdout.isTTY === true
}
