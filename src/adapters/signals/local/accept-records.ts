import { PlatformError } from '#errors/platform-error.ts'
import { logRecords, type OtlpLog, readLog } from '#lib/otlp/log-records.ts'
import { millisOf, record } from '#lib/otlp/attributes.ts'
import { metricPoints, type OtlpPoint, type RawPoint, readPoint } from '#lib/otlp/metric-points.ts'
import { readSpan, spanRecords } from '#lib/otlp/spans.ts'
import type { NewLogLine } from '#store/signals-log.ts'
import type { NewSpan } from '#store/signals-span.ts'
import { pointBytes, type SignalOrigin } from '#store/signals-stream.ts'
import { isRefusal } from './batch-writer.ts'
import type { DropReason } from './drop-ledger.ts'
import type { forwardPoints, RecordStore } from './forwarding.ts'
import type { WorkloadAllowance } from './workload-allowance.ts'

/** What of one request was not stored, by reason. */
export type Dropped = Map<DropReason, number>

export interface Acceptance {
  readonly allowance: WorkloadAllowance
  readonly lines: RecordStore<NewLogLine>
  readonly spans: RecordStore<NewSpan>
  /** Gives back how many points were over the limit of series. */
  readonly points: (origin: SignalOrigin, points: readonly OtlpPoint[]) => Promise<number>
  /** Takes the points of every metric in place of `points`, where a product stores them. */
  readonly passOn: ReturnType<typeof forwardPoints> | undefined
}

export async function acceptLogs(
  { allowance, lines }: Acceptance,
  origin: SignalOrigin,
  request: unknown,
): Promise<Dropped> {
  const dropped: Dropped = new Map()
  const { taken, over } = allowance.records(origin, 'logs', logRecords(request))
  count(dropped, 'over the limit', over)
  const read = taken.map((raw) => lineOf(origin, readLog(raw)))
  const { kept, bytes } = allowance.fitting(origin, read, sizeOfLine)
  count(dropped, 'over the limit', read.length - kept.length)
  const storing = lines.add(kept, bytes).then((refused) => count(dropped, 'refused by the store', refused))
  await stored(storing, () => count(dropped, 'unreadable', kept.length))
  return dropped
}

export async function acceptTraces(
  { allowance, spans }: Acceptance,
  origin: SignalOrigin,
  request: unknown,
): Promise<Dropped> {
  const dropped: Dropped = new Map()
  const { taken, over } = allowance.records(origin, 'traces', spanRecords(request))
  count(dropped, 'over the limit', over)
  const read = taken.map(readSpan).filter((span) => span !== undefined)
  count(dropped, 'unreadable', taken.length - read.length)
  const timely = read.filter(({ startMs, durationMs }) => isTimely(startMs) && isTimely(startMs + durationMs))
  count(dropped, 'wrong time', read.length - timely.length)
  const stamped = timely.map((span) => ({ ...span, ...stampOf(origin) }))
  const { kept, bytes } = allowance.fitting(origin, stamped, sizeOfSpan)
  count(dropped, 'over the limit', stamped.length - kept.length)
  const storing = spans.add(kept, bytes).then((refused) => count(dropped, 'refused by the store', refused))
  await stored(storing, () => count(dropped, 'unreadable', kept.length))
  return dropped
}

export async function acceptMetrics(
  { allowance, points, passOn }: Acceptance,
  origin: SignalOrigin,
  request: unknown,
): Promise<Dropped> {
  const dropped: Dropped = new Map()
  const { taken, over } = allowance.records(origin, 'metrics', metricPoints(request))
  count(dropped, 'over the limit', over)
  if (passOn) return forwardMetrics(passOn, { origin, taken, dropped })
  const read = taken.map(readPoint).filter((point) => point !== 'other')
  const golden = read.filter((point) => point !== undefined)
  count(dropped, 'unreadable', read.length - golden.length)
  const timely = golden.filter(({ toMs }) => isTimely(toMs))
  count(dropped, 'wrong time', golden.length - timely.length)
  const storing = points(origin, timely).then((overSeries) => count(dropped, 'too many series', overSeries))
  await stored(storing, () => count(dropped, 'unreadable', timely.length))
  return dropped
}

/** Every metric is passed on, not only those that become charts here. */
async function forwardMetrics(
  passOn: ReturnType<typeof forwardPoints>,
  { origin, taken, dropped }: { origin: SignalOrigin; taken: readonly RawPoint[]; dropped: Dropped },
): Promise<Dropped> {
  const readable = taken.filter(({ kind, metric }) => passable.has(kind) && typeof metric['name'] === 'string')
  count(dropped, 'unreadable', taken.length - readable.length)
  const timely = readable.filter(({ point }) => isTimely(millisOf(record(point)['timeUnixNano']) ?? 0))
  count(dropped, 'wrong time', readable.length - timely.length)
  const { overSeries, refused } = await passOn.add(origin, timely, timely.length * pointBytes)
  count(dropped, 'too many series', overSeries)
  count(dropped, 'refused by the store', refused)
  return dropped
}

const passable = new Set(['gauge', 'sum', 'histogram'])
const week = 7 * 86_400_000
const ahead = 300_000

// A clock may be a little wrong and a sender may have been cut off for days; beyond that the time means nothing.
function isTimely(ms: number): boolean {
  return ms > Date.now() - week && ms < Date.now() + ahead
}

function lineOf(origin: SignalOrigin, { atMs, version, traceId, fields, ...line }: OtlpLog): NewLogLine {
  const at = new Date(atMs !== undefined && isTimely(atMs) ? atMs : Date.now()).toISOString()
  return {
    ...line,
    ...stampOf(origin),
    at,
    ...(version && { version }),
    ...(traceId && { traceId }),
    ...(fields && { fields }),
  }
}

// Whatever the payload says of service, environment and owner, the token's word is stored.
function stampOf({ service, environment, owner }: SignalOrigin): SignalOrigin {
  return { service, environment, owner }
}

async function stored(storing: Promise<void>, refused: () => void): Promise<void> {
  try {
    await storing
  } catch (error) {
    if (error instanceof PlatformError) throw error
    if (!isRefusal(error))
      throw new PlatformError('DATABASE_UNAVAILABLE', 'signals cannot be stored now', { cause: error })
    refused()
  }
}

function count(dropped: Dropped, reason: DropReason, number: number): void {
  if (number > 0) dropped.set(reason, (dropped.get(reason) ?? 0) + number)
}

function sizeOfLine({ text, fields }: NewLogLine): number {
  return Buffer.byteLength(text) + (fields ? JSON.stringify(fields).length : 0) + 120
}

function sizeOfSpan({ name, attributes }: NewSpan): number {
  return JSON.stringify(attributes).length + name.length + 250
}
