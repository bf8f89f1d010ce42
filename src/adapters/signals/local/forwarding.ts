import { PlatformError } from '#errors/platform-error.ts'
import { encodeLogs, encodePoints, encodeSpans } from '#lib/otlp/encode.ts'
import type { RawPoint } from '#lib/otlp/metric-points.ts'
import type { SignalIntake } from '#ports/signals.ts'
import type { NewLogLine } from '#store/signals-log.ts'
import type { NewSpan } from '#store/signals-span.ts'
import { maxSeries } from '#store/signals-metric.ts'
import type { SignalOrigin } from '#store/signals-stream.ts'
import type { Attributes } from '#lib/otlp/attributes.ts'
import { lineClock } from './line-clock.ts'
import { seriesBudget } from './series-budget.ts'

/** Where accepted records go; gives back how many the store refused for good. */
export interface RecordStore<T> {
  add(items: readonly T[], bytes: number): Promise<number>
}

/** Lines stamped and passed on, those of one workload one request after the other: their order is the order of their times. */
export function forwardLines(intake: SignalIntake, now?: () => number): RecordStore<NewLogLine> {
  const clock = lineClock(now)
  return forward(intake, (origin, lines) =>
    encodeLogs(
      origin,
      lines.map(({ at, version, traceId, fields, ...line }) => {
        const ns = clock.file(`${origin.environment}/${origin.service}`, Date.parse(at))
        const moved = ns / 1_000_000n !== BigInt(Date.parse(at))
        const known = { version, traceId, fields: fields as Attributes | undefined }
        return { ...line, ...known, ns, ...(moved && { at }) }
      }),
    ),
  )
}

export function forwardSpans(intake: SignalIntake): RecordStore<NewSpan> {
  return forward(intake, (origin, spans) =>
    encodeSpans(
      origin,
      spans.map((span) => ({ ...span, attributes: span.attributes as Attributes })),
    ),
  )
}

export interface ForwardedPoint extends SignalOrigin {
  readonly raw: RawPoint
}

/** Points of every metric. New series beyond the limit of a workload are not passed on: `overSeries` counts them. */
export function forwardPoints(intake: SignalIntake) {
  const budget = seriesBudget(maxSeries)
  const store = forward<ForwardedPoint>(intake, (origin, points) =>
    encodePoints(
      origin,
      points.map(({ raw }) => raw),
    ),
  )
  return {
    async add(origin: SignalOrigin, points: readonly RawPoint[], bytes: number) {
      const kept = budget.within(`${origin.environment}/${origin.service}`, points)
      const refused = await store.add(
        kept.map((raw) => ({ ...origin, raw })),
        bytes,
      )
      return { overSeries: points.length - kept.length, refused }
    },
  }
}

const most = { items: 40_000, bytes: 48 * 1_048_576 }

// What a product does not take at once is not kept here: the sender is told to come again, and holds it itself.
function forward<T extends SignalOrigin>(
  intake: SignalIntake,
  encode: (origin: SignalOrigin, items: readonly T[]) => unknown,
): RecordStore<T> {
  const last = new Map<string, Promise<unknown>>()
  const waiting = { items: 0, bytes: 0 }

  function inTurn(key: string, work: () => Promise<number>): Promise<number> {
    const turn = (last.get(key) ?? Promise.resolve()).then(work)
    const settled = turn.catch(() => {}).finally(() => last.get(key) === settled && last.delete(key))
    last.set(key, settled)
    return turn
  }

  async function send(items: readonly T[]): Promise<number> {
    const [first] = items
    if (!first) return 0
    const { service, environment, owner } = first
    return inTurn(`${environment}/${service}`, async () => {
      const origin = { service, environment, owner }
      return (await intake.take(encode(origin, items), items.length)).rejected
    })
  }

  return {
    async add(items, bytes) {
      if (items.length === 0) return 0
      if (waiting.items + items.length > most.items || waiting.bytes + bytes > most.bytes)
        throw new PlatformError('SERVER_BUSY', 'too many signals wait to be passed on', { hint: 'send them again' })
      waiting.items += items.length
      waiting.bytes += bytes
      try {
        const byOrigin = Map.groupBy(items, ({ service, environment }) => `${environment}/${service}`)
        const refused = await Promise.all([...byOrigin.values()].map(send))
        return refused.reduce((sum, count) => sum + count, 0)
      } finally {
        waiting.items -= items.length
        waiting.bytes -= bytes
      }
    },
  }
}
