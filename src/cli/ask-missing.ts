import { PlatformError } from '#errors/platform-error.ts'
import type { CommandSpec, Invocation } from './command.ts'
import { kindOfOption } from './option-kinds.ts'

/**
 * The options with every required one: who sits at a terminal is asked, with the names that exist to choose from. USAGE
 * with the exact words to add where nobody can be asked.
 */
export async function withRequired(
  spec: CommandSpec,
  { args, options, ask, out, names }: Invocation,
): Promise<Invocation['options']> {
  const missing = (spec.options ?? []).filter(
    ({ flag, required }) => required === true && options[keyOf(flag)] === undefined,
  )
  if (missing.length === 0) return options
  if (!ask.canAsk) {
    const words = [spec.usage.split(/ [<[]/)[0], ...args, ...missing.map(({ flag }) => flag)]
    throw new PlatformError(
      'USAGE',
      `required option ${missing.map(({ flag }) => `'${flag}'`).join(', ')} not specified`,
      {
        hint: `fairway ${words.join(' ')}`,
      },
    )
  }
  const said: Record<string, string> = {}
  for (const { flag, about } of missing) {
    const kind = kindOfOption(flag)
    const choices = kind === undefined ? [] : (await names())[kind]
    const answer = await (choices.length > 0 ? ask.choose(about, choices) : ask.text(about))
    said[keyOf(flag)] = answer
    out.note(out.dim(`${flag.split(' ')[0]} ${answer}`))
  }
  return { ...options, ...said }
}

/** As commander names it: `--dry-run` is dryRun. */
function keyOf(flag: string): string {
  const [long = ''] = /--[a-z-]+/.exec(flag) ?? []
  return long.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
