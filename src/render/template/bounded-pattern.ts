import { createContext, Script } from 'node:vm'

const limits = { ms: 200, source: 1_000, text: 10_000 } as const

/** Ends a match that backtracks for ever: V8 looks for the deadline whenever it goes back. */
const matching = new Script("new RegExp(source, 'u').test(text)")
const compiling = new Script("void new RegExp(source, 'u')")
const room = createContext(Object.assign(Object.create(null) as object, { source: '', text: '' }))
matching.runInContext(room) // the first run is slow; it shall not count

/**
 * Whether a text matches a pattern of a golden path, in bounded time: a pattern, or an answer to it, can make JavaScript
 * search for longer than the sun shines (T59). Over a fifth of a second, twice, or a text of 10,000 characters: `unknown`.
 */
export function matchesPattern(source: string, text: string): boolean | 'unknown' {
  if (source.length > limits.source || text.length > limits.text) return 'unknown'
  // The clock runs on while a busy machine does not run us: what took too long once is asked once more.
  const first = match(source, text)
  return first === 'unknown' ? match(source, text) : first
}

function match(source: string, text: string): boolean | 'unknown' {
  Object.assign(room, { source, text })
  try {
    return matching.runInContext(room, { timeout: limits.ms }) === true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'unknown'
    throw error
  }
}

/** Whether a text is a pattern at all, short enough to be looked at. */
export function isPattern(source: string): boolean {
  if (source.length > limits.source) return false
  Object.assign(room, { source })
  try {
    compiling.runInContext(room)
    return true
  } catch {
    return false
  }
}
