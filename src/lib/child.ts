import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import type { Confined } from './isolation.ts'
import { endProcessesOf, type ProcessRef, startGroup, stopGroup } from './process-group.ts'

export interface ChildLimits {
  readonly timeoutMs: number
  /** Bytes of output, both streams together; more ends the child. */
  readonly maxOutput: number
  readonly signal?: AbortSignal
  /** Time between asking to end and killing. */
  readonly graceMs?: number
  /** The user id belongs to this child alone: whatever of it still runs at the end is killed, also outside the group. */
  readonly endUser?: boolean
}

export interface ChildWatcher {
  onStart?(ref: ProcessRef): void | Promise<void>
  /** One line without its end, at most 4 kB; the rest of a longer one is dropped. */
  onLine(text: string, stream: 'stdout' | 'stderr'): void
}

export interface ChildEnd {
  /** `exit`: by itself. The others: ended by us, for that reason. */
  readonly by: 'exit' | 'timeout' | 'abort' | 'output'
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly seconds: number
}

/** Runs a confined command to its end. When this returns, no process of its group runs any more. */
export async function runChild(confined: Confined, limits: ChildLimits, watcher: ChildWatcher): Promise<ChildEnd> {
  const began = performance.now()
  const { child, ref } = await startGroup(confined, ['ignore', 'pipe', 'pipe'])
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const closed = once(child, 'close')
  const overflow = new AbortController()
  const budget = { left: limits.maxOutput, spent: () => overflow.abort() }
  if (child.stdout) readLines(child.stdout, budget, (text) => watcher.onLine(text, 'stdout'))
  if (child.stderr) readLines(child.stderr, budget, (text) => watcher.onLine(text, 'stderr'))
  await watcher.onStart?.(ref)
  const timeout = AbortSignal.timeout(limits.timeoutMs)
  const ender = AbortSignal.any([timeout, overflow.signal, ...(limits.signal ? [limits.signal] : [])])
  await Promise.race([exited, aborted(ender)])
  const by = child.exitCode !== null || child.signalCode !== null ? 'exit' : reasonOf(timeout, overflow.signal)
  await stopGroup(ref, { graceMs: by === 'exit' ? 0 : (limits.graceMs ?? 2_000) })
  if (limits.endUser && confined.uid !== undefined) await endProcessesOf(confined.uid)
  const [code, signal] = await exited
  await drained(closed, () => budget.left)
  child.stdout?.destroy()
  child.stderr?.destroy()
  return { by, code, signal, seconds: Math.round(performance.now() - began) / 1_000 }
}

/**
 * Until both streams ended, or nothing came for half a second: a process that left the group may hold the pipe open for
 * ever. On a busy machine the time may be over while words lie ready, so those are read first.
 */
async function drained(closed: Promise<unknown>, left: () => number): Promise<void> {
  const ended = closed.then(() => true)
  for (let before = Number.NaN; before !== left(); ) {
    before = left()
    if (await Promise.race([ended, pause(500, false, { ref: false })])) return
    await nextTurn()
  }
}

function reasonOf(timeout: AbortSignal, overflow: AbortSignal): 'timeout' | 'abort' | 'output' {
  if (overflow.aborted) return 'output'
  return timeout.aborted ? 'timeout' : 'abort'
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

const maxLine = 4_096

function readLines(
  stream: Readable,
  budget: { left: number; spent: () => void },
  onLine: (text: string) => void,
): void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  stream.on('data', (chunk: Buffer) => {
    budget.left -= chunk.length
    if (budget.left < 0) {
      budget.spent()
      return
    }
    const parts = (rest + decoder.write(chunk)).split('\n')
    rest = (parts.pop() ?? '').slice(0, maxLine)
    for (const part of parts) onLine(part.slice(0, maxLine).replace(/\r$/, ''))
  })
  stream.on('end', () => {
    if (rest !== '') onLine(rest)
  })
  stream.on('error', () => {}) // the pipe is destroyed when the child is done
}
