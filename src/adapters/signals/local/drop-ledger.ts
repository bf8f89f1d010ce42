import type { NewLogLine } from '#store/signals-log.ts'
import type { NewDrop, SignalOrigin, StoredSignal } from '#store/signals-stream.ts'

/** Why something was not stored. Stored and shown: renaming one parts its history. */
export type DropReason = 'over the limit' | 'unreadable' | 'wrong time' | 'too many series' | 'refused by the store'

export interface Drop {
  readonly signal: StoredSignal
  readonly reason: DropReason
  readonly count: number
}

export interface DropLedger {
  add(origin: SignalOrigin, drop: Drop): void
  /** Writes down what was gathered; what cannot be written stays for the next time. */
  settle(): Promise<void>
}

export interface DropLedgerOptions {
  readonly record: (drops: readonly NewDrop[]) => Promise<void>
  readonly mark: (lines: readonly NewLogLine[]) => Promise<unknown>
}

/** Counts what was dropped and leaves a line in the log where lines are missing: a gap is never silent. */
export function dropLedger({ record, mark }: DropLedgerOptions): DropLedger {
  let gathered = new Map<string, SignalOrigin & Drop>()
  let settling: Promise<void> | undefined

  function add({ service, environment, owner }: SignalOrigin, drop: Drop): void {
    if (drop.count <= 0) return
    const key = `${environment}/${service}/${drop.signal}/${drop.reason}`
    const count = drop.count + (gathered.get(key)?.count ?? 0)
    gathered.set(key, { service, environment, owner, signal: drop.signal, reason: drop.reason, count })
  }

  async function settle(): Promise<void> {
    const drops = [...gathered.values()]
    if (drops.length === 0) return
    gathered = new Map()
    try {
      await record(drops.map(countOf))
    } catch {
      for (const drop of drops) add(drop, drop)
      return
    }
    const markers = drops.filter(({ signal }) => signal === 'logs').map(marker)
    await mark(markers).catch(() => {}) // the count is kept, only its mark in the log is lost
  }

  return {
    add,
    settle() {
      settling ??= settle().finally(() => {
        settling = undefined
      })
      return settling
    },
  }
}

function countOf({ service, environment, signal, reason, count }: SignalOrigin & Drop): NewDrop {
  return { service, environment, signal, reason, count }
}

function marker({ service, environment, owner, reason, count }: SignalOrigin & Drop): NewLogLine {
  const text = `${count.toLocaleString('en-US')} ${count === 1 ? 'line' : 'lines'} dropped: ${reason}`
  const fields = { 'fairway.dropped': count, 'fairway.reason': reason }
  return { service, environment, owner, at: new Date().toISOString(), level: 'warn', instance: 'fairway', text, fields }
}
