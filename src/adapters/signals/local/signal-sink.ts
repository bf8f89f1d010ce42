import { PlatformError } from '#errors/platform-error.ts'
import type { SignalIntake } from '#ports/signals.ts'
import type { Database } from '#store/database.ts'
import { signalsAppended } from '#store/signals-appended.ts'
import { appendLogLines, type NewLogLine } from '#store/signals-log.ts'
import { appendPoints } from '#store/signals-metric.ts'
import { appendSpans, type NewSpan } from '#store/signals-span.ts'
import {
  type Drops,
  readDrops,
  recordDrops,
  type SignalOrigin,
  type SignalStream,
  type StoredSignal,
} from '#store/signals-stream.ts'
import { type Acceptance, acceptLogs, acceptMetrics, acceptTraces } from './accept-records.ts'
import { type BatchWriter, batchWriter } from './batch-writer.ts'
import { type DropLedger, dropLedger } from './drop-ledger.ts'
import { forwardLines, forwardPoints, forwardSpans, type RecordStore } from './forwarding.ts'
import { defaultLimits, type SignalLimits } from './limits.ts'
import { workloadAllowance } from './workload-allowance.ts'

/** How much of a request was not stored, and why. */
export interface Receipt {
  readonly rejected: number
  readonly message?: string
}

/** Takes parsed OTLP requests of an authenticated workload. */
export interface SignalSink {
  /** Resolves when the records are stored. Throws SERVER_BUSY or DATABASE_UNAVAILABLE: nothing was taken, send it again. */
  accept(signal: StoredSignal, origin: SignalOrigin, request: unknown): Promise<Receipt>
  /** What was dropped of a service and environment in the last minutes, a day unless said. */
  drops(stream: SignalStream, minutes?: number): Promise<readonly Drops[]>
  /** What waits to be stored now. */
  waiting(): { readonly rows: number; readonly bytes: number }
  /** Writes down the last drops and waits for the last insert. */
  close(): Promise<void>
}

const accepting = { logs: acceptLogs, metrics: acceptMetrics, traces: acceptTraces }

export interface SignalSinkOptions {
  readonly db: Database
  readonly limits?: SignalLimits
  /** Products that store a signal in place of the database. */
  readonly intakes?: Partial<Record<StoredSignal, SignalIntake | undefined>>
}

export function signalSink({ db, limits = defaultLimits, intakes = {} }: SignalSinkOptions): SignalSink {
  const lines = batchWriter<NewLogLine>({ ...sizesOf(limits), insert: (items) => appendAndTell(db, items) })
  const spans = batchWriter<NewSpan>({ ...sizesOf(limits), insert: (items) => appendSpans(db, items) })
  const points = pointWriter(db, limits)
  const acceptance: Acceptance = {
    allowance: workloadAllowance(limits),
    lines: intakes.logs ? forwardLines(intakes.logs) : stored(lines),
    spans: intakes.traces ? forwardSpans(intakes.traces) : stored(spans),
    points: points.add,
    passOn: intakes.metrics && forwardPoints(intakes.metrics),
  }
  const ledger = dropLedger({
    record: (drops) => recordDrops(db, drops),
    mark: (markers) => acceptance.lines.add(markers, markers.length * 200),
  })
  const timer = setInterval(() => void ledger.settle(), limits.gatherMs).unref()
  return {
    async accept(signal, origin, request) {
      const dropped = await accepting[signal](acceptance, origin, request)
      return receiptOf([...dropped], { signal, origin, ledger })
    },
    drops: (stream, minutes = 1_440) => readDrops(db, stream, minutes),
    waiting: () => ({
      rows: lines.waiting.rows + spans.waiting.rows + points.waiting(),
      bytes: lines.waiting.bytes + spans.waiting.bytes,
    }),
    async close() {
      clearInterval(timer)
      await ledger.settle()
      await Promise.all([lines.drained(), spans.drained()])
    },
  }
}

// The database takes all or throws.
function stored<T>(writer: BatchWriter<T>): RecordStore<T> {
  return {
    async add(items, bytes) {
      await writer.add(items, bytes)
      return 0
    },
  }
}

function sizesOf(limits: SignalLimits) {
  return {
    maxRows: limits.batchRows,
    maxBytes: limits.batchBytes,
    maxWaitingRows: limits.waitingRows,
    maxWaitingBytes: limits.waitingBytes,
  }
}

async function appendAndTell(db: Database, items: readonly NewLogLine[]): Promise<void> {
  await appendLogLines(db, items)
  const streams = new Map(items.map((line) => [`${line.environment}/${line.service}`, line]))
  for (const stream of streams.values()) signalsAppended(db).tell(stream)
}

// Points grow from the last values of their series, so each export is a transaction of its own, one after the other:
// senders at once must not take up the pool's connections.
function pointWriter(db: Database, limits: SignalLimits) {
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()
  return {
    waiting: () => waiting,
    async add(origin: SignalOrigin, points: Parameters<typeof appendPoints>[2]): Promise<number> {
      if (waiting + points.length > limits.waitingRows) {
        throw new PlatformError('SERVER_BUSY', 'too many points wait to be stored', { hint: 'send them again' })
      }
      waiting += points.length
      try {
        const storing = last.then(() => appendPoints(db, origin, points))
        last = storing.catch(() => {})
        return (await storing).overLimit
      } finally {
        waiting -= points.length
      }
    },
  }
}

function receiptOf(
  dropped: [Parameters<DropLedger['add']>[1]['reason'], number][],
  { signal, origin, ledger }: { signal: StoredSignal; origin: SignalOrigin; ledger: DropLedger },
): Receipt {
  for (const [reason, count] of dropped) ledger.add(origin, { signal, reason, count })
  const rejected = dropped.reduce((sum, [, count]) => sum + count, 0)
  if (rejected === 0) return { rejected }
  const reasons = dropped.map(([reason, count]) => `${count} ${reason}`).join(', ')
  return { rejected, message: `not stored: ${reasons}` }
}
