import { PlatformError } from '#errors/platform-error.ts'
import { compareEntries, type Entry } from './entries.ts'

/** Most lines that Loki gives for one query unless it was set otherwise. */
const most = 5_000
const slack = 32

export interface Position {
  readonly ns: bigint
  readonly key: string
}

export interface Part {
  readonly from: bigint
  /** Exclusive. */
  readonly to: bigint
  readonly limit: number
  readonly direction: 'forward' | 'backward'
}

export type ReadPart = (part: Part) => Promise<Entry[]>

/**
 * Lines behind (`forward`) or before (`backward`) a position, oldest first. Where Loki's limit cuts through the lines of
 * one instant, that instant is read again whole: nothing is lost or given twice at equal times.
 */
export async function readPage(read: ReadPart, part: Part & { readonly position?: Position }): Promise<Entry[]> {
  const { direction, position, limit } = part
  const forward = direction === 'forward'
  const beyond = (entry: Entry) => !position || compareEntries(entry, position) * (forward ? 1 : -1) > 0
  const size = Math.min(most, limit + slack)
  const found: Entry[] = []
  let { from, to } = part
  while (found.length < limit && from < to) {
    const got = await read({ from, to, limit: size, direction })
    const whole = got.length < size
    const edge = forward ? got.at(-1)?.ns : got[0]?.ns
    const safe = whole ? got : got.filter(({ ns }) => ns !== edge)
    // One instant fills the answer: all of it is needed to know what comes next.
    const taken =
      safe.length > 0 || edge === undefined ? safe : await read({ from: edge, to: edge + 1n, limit: most, direction })
    const fresh = taken.filter(beyond)
    if (forward) found.push(...fresh)
    else found.unshift(...fresh)
    if (whole || edge === undefined) break
    const skipped = safe.length === 0
    if (forward) from = skipped ? edge + 1n : edge
    else to = skipped ? edge : edge + 1n
  }
  return forward ? found.slice(0, limit) : found.slice(-limit)
}

const hourNs = 3_600_000_000_000n

/** The newest lines before `to`, oldest first: first those of one hour, since most pages need no more, then of all days. */
export async function readBack(
  read: ReadPart,
  { from, to, limit, position }: Omit<Part, 'direction'> & { readonly position?: Position },
): Promise<Entry[]> {
  const middle = to - hourNs > from ? to - hourNs : from
  const part = { limit, direction: 'backward', ...(position && { position }) } as const
  const newest = await readPage(read, { ...part, from: middle, to })
  if (newest.length >= limit || middle === from) return newest
  return [...(await readPage(read, { ...part, from, to: middle, limit: limit - newest.length })), ...newest]
}

/** `<nanoseconds>.<key>`, as a line carries it. */
export function cursorOf({ ns, key }: Position): string {
  return `${ns}.${key}`
}

export function positionOf(cursor: string): Position {
  const [, ns, key] = /^(\d{1,19})\.([0-9a-f]{16})$/.exec(cursor) ?? []
  if (ns !== undefined && key !== undefined) return { ns: BigInt(ns), key }
  throw new PlatformError('INPUT_INVALID', 'the cursor is not one that a log query gave')
}
