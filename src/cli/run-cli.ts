import { Argument, Command, CommanderError, Option } from 'commander'
import { PlatformError } from '#errors/platform-error.ts'
import type { CommandSpec, Invocation } from './command.ts'
import { argumentsOf, optionsOf, placeholderOf } from './command-words.ts'
import { commandTable } from './command-table.ts'
import { withRequired } from './ask-missing.ts'
import { type CliOptions, invocationOf } from './invocation.ts'
import { tellError } from './tell-error.ts'

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
      configure(command, spec, async (given) => {
        const invocation = invocationOf(cli, given)
        exit = await spec.run({ ...invocation, options: await withRequired(spec, invocation) })
      })
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
  for (const word of argumentsOf(spec)) {
    const choices = spec.choices?.[placeholderOf(word) ?? '']
    command.addArgument(choices ? new Argument(word).choices(choices) : new Argument(word))
  }
  for (const { flag, about, required, choices } of optionsOf(spec)) {
    const option = new Option(flag, required ? `${about} (required)` : about) // asked for by withRequired
    command.addOption(choices ? option.choices(choices) : option)
  }
  if (spec.fields.length > 0) command.addHelpText('after', `\nFields of --json:\n${wrapped(spec.fields, 76)}`)
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

function wrapped(words: readonly string[], width: number): string {
  const lines = ['']
  for (const word of words) {
    const line = lines.at(-1) ?? ''
    if (line.length + word.length + 2 > width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line}, ${word}`
  }
  return lines.map((line, index) => `  ${line}${index < lines.length - 1 ? ',' : ''}`).join('\n')
}

/** Before anything is done: an answer without the field would come too late. */
function refuseUnknownFields({ fields }: CommandSpec, json: unknown): void {
  if (typeof json !== 'string') return
  const unknown = json.split(',').filter((field) => field && !fields.includes(field))
  if (unknown.length > 0)
    throw new PlatformError('USAGE', `there is no field ${unknown.join(', ')}`, { hint: `one of ${fields.join(', ')}` })
}

function failed(error: unknown, cli: CliOptions): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  if (error instanceof CommanderError && error.code === 'commander.help') return 2 // the help is the answer
  return tellError(error instanceof CommanderError ? usageError(error, cli) : error, cli)
}

function usageError({ message }: CommanderError, { argv }: CliOptions): PlatformError {
  return new PlatformError('USAGE', message.replace(/^error: /, '').replaceAll('\n', ' '), {
    hint: ['fairway', nearestHelp(argv), '--help'].filter(Boolean).join(' '),
  })
}

/** The longest words that name a command, or the noun of several. */
function nearestHelp([first = '', second = '']: readonly string[]): string {
  const is = (words: string) => commandTable.some((entry) => entry.words === words)
  if (is(`${first} ${second}`)) return `${first} ${second}`
  return commandTable.some((entry) => entry.words.split(' ')[0] === first) ? first : ''
}
