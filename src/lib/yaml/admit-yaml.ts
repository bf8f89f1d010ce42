import { guardedThread } from '../guarded-thread.ts'
import type { ParsedYaml } from './parse-yaml.ts'

const waiting = 1_000
/** Shorter texts cost less here than on the way to a thread and back. */
const smallText = 4_096

/**
 * Parses a text that somebody else wrote in a guarded thread, so that `readYaml` of it, called next, costs this thread
 * nothing.
 */
export async function admitYaml(...texts: readonly (string | undefined)[]): Promise<void> {
  const large = texts.filter((text): text is string => text !== undefined && text.length > smallText)
  await Promise.all(large.map(admit))
}

/** What came of an admitted text, once. */
export function takeAdmitted(text: string): ParsedYaml | undefined {
  const found = admitted.get(text)
  admitted.delete(text)
  return found
}

const thread = guardedThread<ParsedYaml>(new URL('./yaml-thread.ts', import.meta.url))
const admitted = new Map<string, ParsedYaml>()

async function admit(text: string): Promise<void> {
  const parsed = await thread.run(text)
  // One that nobody read would stay for ever: the oldest goes.
  if (admitted.size >= waiting) admitted.delete(admitted.keys().next().value ?? '')
  admitted.set(text, parsed)
}
