import { PlatformError } from '#errors/platform-error.ts'
import type { CommandSpec, Invocation } from './command.ts'
import { longOf, placeholderOf } from './command-words.ts'
import { kindOfPlaceholder } from './placeholders.ts'

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
    const kind = kindOfPlaceholder(placeholderOf(flag) ?? '')
    const known = kind === undefined || kind === 'path' ? [] : (await names(10_000))[kind]
    const answer = await (known.length > 0 ? ask.choose(about, known) : ask.text(about))
    said[keyOf(flag)] = answer
    out.note(out.dim(`${longOf(flag)} ${answer}`))
  }
  return { ...options, ...said }
}

/** As commander names it: `--dry-run` is dryRun. */
function keyOf(flag: string): string {
  return longOf(flag)
    .slice(2)
    .replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
