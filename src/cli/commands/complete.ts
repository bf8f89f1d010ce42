import { defineCommand } from '../command.ts'
import { commandTable } from '../command-table.ts'
import type { KnownNames } from '../known-names.ts'
import { kindOfOption } from '../option-kinds.ts'

/** What a script of `fairway completion` asks while somebody types. It never fails: without an answer nothing is offered. */
export const complete = defineCommand({
  usage: 'complete [words...]',
  summary: 'Say what can stand next on a command line, for completion scripts',
  fields: [],
  async run({ args, names, out }) {
    const offered = await offers(args, names).catch(() => [])
    for (const offer of offered) out.line(offer)
    return 0
  },
})

/** `words` are those behind `fairway`; the last one is being typed. */
async function offers(words: readonly string[], names: () => Promise<KnownNames>): Promise<readonly string[]> {
  const before = words.slice(0, -1)
  const found = [before.slice(0, 2).join(' '), before[0] ?? ''].find((one) =>
    commandTable.some((entry) => entry.words === one),
  )
  if (found === undefined) return []
  const kind = kindOf(before.at(-1) ?? '', found)
  return kind === undefined ? [] : (await names())[kind].filter((name) => harmless.test(name))
}

/** A server is not trusted with what a shell may read as more than a word: who completes a name runs the line next. */
const harmless = /^[a-z0-9][a-z0-9._/#@-]*$/i

const afterNoun: Readonly<Record<string, keyof KnownNames>> = {
  run: 'runs',
  change: 'changes',
  template: 'templates',
  env: 'environments',
}
const ofServices = new Set([
  'status',
  'history',
  'logs',
  'metrics',
  'open',
  'promote',
  'rollback',
  'diff',
  'drift',
  'clone',
  'release',
  'tour',
  'secret',
])

function kindOf(last: string, command: string): keyof KnownNames | undefined {
  const option = kindOfOption(last)
  if (option) return option
  const [noun = ''] = command.split(' ')
  return afterNoun[noun] ?? (ofServices.has(noun) ? 'services' : undefined)
}
