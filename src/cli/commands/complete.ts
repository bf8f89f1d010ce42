import { type CommandSpec, defineCommand, type Invocation } from '../command.ts'
import { commandTable } from '../command-table.ts'
import { argumentsOf, longOf, optionsOf, placeholderOf } from '../command-words.ts'
import { kindOfPlaceholder } from '../placeholders.ts'

/** The line that asks the script for files of this machine. */
export const pathsWanted = ':files'

/** What a script of `fairway completion` asks while somebody types. It never fails: without an answer nothing is offered. */
export const complete = defineCommand({
  usage: 'complete [words...]',
  summary: 'Say what can stand next on a command line, for completion scripts',
  fields: [],
  async run({ args, names, out }) {
    const { words, joined } = apart(args)
    const offered = await offers(words, names).catch(() => [])
    const typed = words.at(-1) ?? ''
    for (const offer of new Set(offered))
      if (offer === pathsWanted) out.line(offer)
      else if (offer.startsWith(typed)) out.line(`${joined}${offer}`)
    return 0
  },
})

/** `--env=dev` is two words. bash says so itself, with a `=` between them; to the others the option goes back in front. */
function apart(args: readonly string[]): { words: readonly string[]; joined: string } {
  const [, option, value] = /^(--[a-z-]+)=(.*)$/.exec(args.at(-1) ?? '') ?? []
  if (option !== undefined && value !== undefined)
    return { words: [...args.slice(0, -1), option, value], joined: `${option}=` }
  const words = args.filter((word) => word !== '=')
  return { words: args.at(-1) === '=' ? [...words, ''] : words, joined: '' }
}

/** `words` are those behind `fairway`; the last one is being typed. */
async function offers(words: readonly string[], names: Invocation['names']): Promise<readonly string[]> {
  const [typed = '', ...others] = words.toReversed()
  const before = others.toReversed()
  const [noun, verb] = before
  if (noun === undefined) return commandTable.flatMap((entry) => entry.words.split(' ')[0] ?? [])
  const found =
    commandTable.find((entry) => entry.words === `${noun} ${verb}`) ??
    commandTable.find((entry) => entry.words === noun)
  const verbs = before.length === 1 ? verbsOf(noun) : []
  if (!found) return verbs
  const spec = await found.load()
  return [...verbs, ...(await ofCommand(spec, { before: before.slice(found.words.split(' ').length), typed, names }))]
}

function verbsOf(noun: string): string[] {
  return commandTable.flatMap(({ words }) => (words.startsWith(`${noun} `) ? words.slice(noun.length + 1) : []))
}

interface Typing {
  /** Words behind the command. */
  readonly before: readonly string[]
  readonly typed: string
  readonly names: Invocation['names']
}

async function ofCommand(spec: CommandSpec, { before, typed, names }: Typing): Promise<readonly string[]> {
  const options = optionsOf(spec)
  const given: string[] = []
  const positions: string[] = []
  let open: (typeof options)[number] | undefined
  for (const word of before) {
    const option = options.find(({ flag }) => flag.split(/[ ,]+/).includes(word))
    if (open && !option) open = undefined
    else if (option) {
      given.push(option.flag)
      open = placeholderOf(option.flag) === undefined ? undefined : option
    } else positions.push(word)
  }
  if (open?.flag.startsWith('--json')) return fieldsAfter(typed, spec.fields)
  if (open) return open.choices ?? named(placeholderOf(open.flag), names)
  if (typed.startsWith('-'))
    return options.filter(({ flag }) => !given.includes(flag) || flag.includes('...')).map(({ flag }) => longOf(flag))
  const argument = argumentsOf(spec)[positions.length] ?? argumentsOf(spec).findLast((one) => one.includes('...'))
  const placeholder = argument && placeholderOf(argument)
  return spec.choices?.[placeholder ?? ''] ?? named(placeholder, names)
}

/** Fields with a comma between them; those that were named are not offered again. */
function fieldsAfter(typed: string, fields: readonly string[]): string[] {
  const before = typed.split(',').slice(0, -1)
  return fields.filter((field) => !before.includes(field)).map((field) => [...before, field].join(','))
}

async function named(placeholder: string | undefined, names: Invocation['names']): Promise<readonly string[]> {
  const kind = kindOfPlaceholder(placeholder ?? '')
  if (kind === undefined) return []
  return kind === 'path' ? [pathsWanted] : (await names(1_000))[kind].filter((name) => harmless.test(name))
}

/** A server is not trusted with what a shell may read as more than a word: who completes a name runs the line next. */
const harmless = /^[a-z0-9][a-z0-9._/#@-]*$/i
