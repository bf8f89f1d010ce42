import { Command, CommanderError } from 'commander'
import { catalogue, type ErrorCode } from '#errors/catalogue.ts'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import type { CommandSpec, Invocation, LocalActs } from './command.ts'
import { commandTable } from './command-table.ts'
import { createOutput } from './output.ts'
import { safeJson, safeText } from './safe-text.ts'
import { sessionAccess } from './sessions-file.ts'

export interface CliOptions {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly server: string
  readonly local: LocalActs
  readonly version: string
}

/** Runs one command and gives the exit code of portal-and-cli.md section 5. Only the command asked for is loaded. */
export async function runCli(cli: CliOptions): Promise<number> {
  let exit: number | undefined
  const program = new Command('fairway')
    .description('Fairway: from an idea to a running, observed, compliant service')
    .version(cli.version)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: () => {} }) // told by usageError, in the form of every other error
    .enablePositionalOptions()
  program.addHelpText(
    'after',
    '\nEvery reading and acting command takes --json[=fields], --as NAME and --server URL.\nStart the platform with: npm start   (or: fairway up)',
  )
  const wanted = await loadWanted(cli.argv)
  for (const { words, summary } of commandTable) {
    const spec = wanted && words === wanted.words ? wanted.spec : undefined
    const command = place(program, words)
    command.summary(summary).description(summary)
    if (spec) {
      const run = (invocation: Invocation) => spec.run(invocation).then((code) => (exit = code))
      configure(command, spec, (given) => run(invocationOf(cli, given)))
    }
  }
  try {
    await program.parseAsync([...cli.argv], { from: 'user' })
    return exit ?? 0
  } catch (error) {
    return failed(error, cli)
  }
}

/** The longest words of the command line that name a command. */
async function loadWanted(argv: readonly string[]): Promise<{ words: string; spec: CommandSpec } | undefined> {
  const plain = argv.slice(0, 2).filter((word) => !word.startsWith('-'))
  for (const words of [plain.join(' '), plain[0] ?? '']) {
    const found = commandTable.find((entry) => entry.words === words)
    if (found) return { words, spec: await found.load() }
  }
  return undefined
}

function place(program: Command, words: string): Command {
  const [first = '', second] = words.split(' ')
  const existing = program.commands.find((command) => command.name() === first)
  if (!second) return existing ?? program.command(first)
  const parent = existing ?? program.command(first)
  return parent.command(second)
}

function configure(
  command: Command,
  spec: CommandSpec,
  run: (given: Pick<Invocation, 'args' | 'options'>) => Promise<unknown>,
): void {
  for (const word of spec.usage.match(/<[^>]+>|\[[^\]]+\]/g) ?? []) command.argument(word)
  for (const option of spec.options ?? []) {
    if (option.required) command.requiredOption(option.flag, option.about)
    else command.option(option.flag, option.about)
  }
  command.option('--json [fields]', `print JSON${spec.fields ? `; fields: ${spec.fields.join(', ')}` : ''}`)
  command
    .option('--quiet', 'print ids only, no progress')
    .option('--as <name>', 'act as another signed-in local person')
    .option('--server <url>', 'the platform to talk to')
    .option('--no-color', 'no colour')
  if (spec.examples) command.addHelpText('after', `\nExamples:\n${spec.examples.map((line) => `  ${line}`).join('\n')}`)
  command.exitOverride().showSuggestionAfterError()
  command.action(async (...received: unknown[]) => {
    const options = received.at(-2) as Invocation['options']
    const args = received
      .slice(0, -2)
      .flat()
      .filter((arg): arg is string => typeof arg === 'string')
    refuseUnknownFields(spec, options['json'])
    await run({ args, options })
  })
}

function refuseUnknownFields({ fields }: CommandSpec, json: unknown): void {
  if (typeof json !== 'string' || !fields) return
  const unknown = json.split(',').filter((field) => field && !fields.includes(field))
  if (unknown.length > 0)
    throw new PlatformError('USAGE', `there is no field ${unknown.join(', ')}`, { hint: `one of ${fields.join(', ')}` })
}

function invocationOf(cli: CliOptions, { args, options }: Pick<Invocation, 'args' | 'options'>): Invocation {
  const { json } = options
  const fields = typeof json === 'string' ? json.split(',').filter(Boolean) : json === true
  const out = createOutput({
    json: fields,
    quiet: options['quiet'] === true,
    color: useColor(cli.env, options['color']),
    width: process.stdout.columns ?? 80,
    stdout: process.stdout,
    stderr: process.stderr,
  })
  const server = (typeof options['server'] === 'string' ? options['server'] : cli.server).replace(/\/$/, '')
  const session = sessionAccess({
    server,
    as: typeof options['as'] === 'string' ? options['as'] : undefined,
    env: cli.env,
  })
  return {
    args,
    options,
    out,
    session,
    local: cli.local,
    stdin: process.stdin,
    async api() {
      const token = await session.token()
      if (!token) {
        const name = (await session.person()) ?? 'NAME'
        throw new PlatformError(
          'NOT_SIGNED_IN',
          `nobody is signed in to ${server}${name === 'NAME' ? '' : ` as ${name}`}`,
          { hint: `fairway login --as ${name}` },
        )
      }
      const { apiClient } = await import('../client/client.ts')
      return apiClient({ baseUrl: server, token, fetch: reaching(server) })
    },
  }
}

function useColor(env: NodeJS.ProcessEnv, flag: unknown): boolean {
  if (env.CLICOLOR_FORCE && env.CLICOLOR_FORCE !== '0') return true
  return flag !== false && !env.NO_COLOR && env.TERM !== 'dumb' && process.stdout.isTTY === true
}

/** A server that is not there is one clear error, not a stack of sockets. */
export function reaching(server: string): typeof globalThis.fetch {
  return async (input, init) => {
    try {
      return await fetch(input, init)
    } catch (cause) {
      throw new PlatformError('SERVER_UNREACHABLE', `no answer from ${server}`, {
        cause,
        hint: 'start it with npm start, or set FAIRWAY_SERVER',
      })
    }
  }
}

function failed(error: unknown, cli: CliOptions): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  if (error instanceof CommanderError && error.code === 'commander.help') return 2 // the help is the answer
  return told(error instanceof CommanderError ? usageError(error, cli) : error, cli)
}

function usageError({ message }: CommanderError, { argv }: CliOptions): PlatformError {
  const known = [argv.slice(0, 2).join(' '), argv[0] ?? ''].find((words) =>
    commandTable.some((entry) => entry.words === words),
  )
  return new PlatformError('USAGE', message.replace(/^error: /, '').replaceAll('\n', ' '), {
    hint: known ? `fairway ${known} --help` : 'fairway --help',
  })
}

function told(error: unknown, cli: CliOptions): number {
  const code = codeOf(error)
  const { message, hint, facts, errors } = error as {
    message: string
    hint?: string
    facts?: Record<string, unknown>
    errors?: readonly { path: string; message: string }[]
  }
  const asJson = cli.argv.some((word) => word === '--json' || word.startsWith('--json='))
  const requestId = typeof facts?.['requestId'] === 'string' ? facts['requestId'] : undefined
  if (asJson)
    process.stdout.write(
      `${safeJson({ error: { code: code ?? 'INTERNAL', detail: message, ...(hint && { hint }), ...(errors && errors.length > 0 && { errors }), ...(requestId && { requestId }) } })}\n`,
    )
  const untold = (errors ?? []).filter((field) => !message.includes(field.message)) // one that the sentence says already
  const fieldLines = untold.map((field) => `  ${field.path}: ${field.message}\n`).join('')
  const findings =
    (facts?.['findings'] as readonly { policy: string; message: string; at?: string; fix: string }[] | undefined) ?? []
  const findingLines = findings
    .map(
      (finding) =>
        `  ${finding.policy}: ${finding.message}${finding.at ? ` (${finding.at})` : ''}\n    fix: ${finding.fix}\n`,
    )
    .join('')
  const words = `${code ?? 'INTERNAL'}: ${message}\n${fieldLines}${findingLines}${hint ? `  ${hint}\n` : ''}${requestId ? `  request ${requestId}\n` : ''}`
  process.stderr.write(safeText(words, false))
  if (code === undefined && cli.env.FAIRWAY_DEBUG) process.stderr.write(`${(error as Error).stack ?? ''}\n`)
  return code ? catalogue[code as ErrorCode].exit : 1
}
