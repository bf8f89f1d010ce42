import type { Invocation, OptionSpec } from './command.ts'

const usualLimit = 50

export const limitOption: OptionSpec = {
  flag: '--limit <number>',
  about: `rows of a page (default ${usualLimit}, at most 200)`,
}

/** Options of every list that comes in pages. */
export const pagingOptions: readonly OptionSpec[] = [
  limitOption,
  { flag: '--after <page>', about: 'the page behind the one that named this' },
]

/** What the API is asked for; it says itself what is no number and no page of that list. */
export function pageOf(options: Invocation['options']): { limit?: number; cursor?: string } {
  const [limit, after] = [options['limit'], options['after']]
  return {
    ...(limit !== undefined && { limit: Number(limit) }),
    ...(after !== undefined && { cursor: String(after) }),
  }
}

/** Says how a list goes on, also beside JSON: none ends without a word because its page is full. */
export function noteMore(out: Invocation['out'], next: string | undefined): void {
  if (next !== undefined) out.note(`the page is full; what follows: the same line with --after ${next}`)
}

/** The same for a list of which the API gives one page only. */
export function noteFull(out: Invocation['out'], shown: readonly unknown[], options: Invocation['options']): void {
  if (shown.length >= Number(options['limit'] ?? usualLimit)) out.note('the page is full; older ones: a larger --limit')
}
