import { isAncestor } from '#lib/git/commits.ts'
import type { GitHostEvent } from '#ports/git-host.ts'
import type { GiteaCalls } from './calls.ts'
import type { Hint } from './hook-routes.ts'
import type { Mirror } from './mirror.ts'
import { platformName } from './view-change.ts'

export interface HintParts {
  readonly calls: GiteaCalls
  readonly mirror: Mirror
  emit(event: GitHostEvent): void
  failed(error: unknown): void
}

// A flood of hooks costs this much at most; what is dropped is found by the next look.
const mostWaiting = 1000

/** Asks the source whether what a hook tells is so, one after the other, and only then tells listeners. */
export function hintTaker(parts: HintParts) {
  const waiting: Hint[] = []
  let working: Promise<void> | undefined
  const work = async () => {
    for (let hint = waiting.shift(); hint; hint = waiting.shift()) {
      const event = await eventOf(parts, hint).catch(parts.failed)
      if (event) parts.emit(event)
    }
    working = undefined
  }
  return {
    take(hint: Hint): void {
      if (waiting.length < mostWaiting) waiting.push(hint)
      working ??= work()
    },
    settled: async () => working,
  }
}

/** A push whose commit is not on the branch any more has nothing to say, however well it is signed. */
async function eventOf({ calls, mirror }: HintParts, hint: Hint): Promise<GitHostEvent | undefined> {
  if (!(await calls.repository(hint.repo))) return undefined
  if (hint.type === 'change') return hint
  const actor = hint.actor === (await calls.self()).login ? platformName : hint.actor.toLowerCase()
  const tip = await mirror.locate(hint.repo, hint.ref)
  const isGone = /^0+$/.test(hint.after)
  if (isGone || !tip) return isGone && !tip ? { ...hint, actor } : undefined
  const known = await mirror.locate(hint.repo, hint.after)
  return known && (await isAncestor(tip.repo, hint.after, tip.ref)) ? { ...hint, actor } : undefined
}
