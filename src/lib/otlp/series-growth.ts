import type { Golden, OtlpPoint } from './metric-points.ts'

/** The last value of a series. */
export interface SeriesState {
  readonly fromMs: number | undefined
  readonly toMs: number
  readonly count: number
  readonly sum: number
  readonly buckets: readonly number[] | undefined
}

/** What happened between two instants. */
export interface Growth {
  readonly golden: Golden
  readonly label: string
  readonly instance: string
  readonly fromMs: number
  readonly toMs: number
  readonly count: number
  readonly sum: number
  readonly bounds?: readonly number[]
  readonly buckets?: readonly number[]
}

const instantMs = 1_000
const gaugeHoldsMs = 150_000
const trustedStartMs = 15 * 60_000

/**
 * What a point adds to its series, whatever its temporality: a delta as it is, a cumulative value less the last one,
 * all of it after a reset, a gauge as held since the last one. Undefined for a point that is not newer than the last.
 */
export function growthOf(
  point: OtlpPoint,
  last: SeriesState | undefined,
): { state: SeriesState; growth: Growth | undefined } | undefined {
  if (last && point.toMs <= last.toMs) return undefined
  const { fromMs, toMs, count, sum, buckets } = point
  const state = { fromMs, toMs, count, sum, buckets }
  if (point.temporality === 'gauge') {
    const held = last && toMs - last.toMs <= gaugeHoldsMs ? last.toMs : undefined
    return { state, growth: grown(point, held, point) }
  }
  if (point.temporality === 'delta') return { state, growth: grown(point, fromMs ?? last?.toMs, point) }
  if (last && !isReset(point, last)) return { state, growth: grown(point, last.toMs, less(point, last)) }
  return { state, growth: since(point, last) }
}

interface Values {
  readonly count: number
  readonly sum: number
  readonly buckets?: readonly number[] | undefined
}

// A first value counts from its start. One that started long ago is only a base: its growth cannot be placed in time.
function since(point: OtlpPoint, last: SeriesState | undefined): Growth | undefined {
  if (last) return grown(point, Math.max(point.fromMs ?? 0, last.toMs), point)
  const known = point.fromMs !== undefined && point.toMs - point.fromMs <= trustedStartMs
  return known ? grown(point, point.fromMs, point) : undefined
}

function isReset(point: OtlpPoint, last: SeriesState): boolean {
  const restarted = point.fromMs !== undefined && last.fromMs !== undefined && Math.abs(point.fromMs - last.fromMs) > 1
  const shrunk = point.count < last.count || point.sum < last.sum - 1e-9
  const [now, before] = [point.buckets ?? [], last.buckets ?? []]
  return restarted || shrunk || now.length !== before.length || now.some((value, at) => value < (before[at] ?? 0))
}

function less(point: OtlpPoint, last: SeriesState): Values {
  const buckets = point.buckets?.map((value, at) => value - (last.buckets?.[at] ?? 0))
  return { count: point.count - last.count, sum: Math.max(0, point.sum - last.sum), buckets }
}

function grown(point: OtlpPoint, fromMs: number | undefined, values: Values): Growth {
  const { golden, label, instance, toMs, bounds } = point
  const from = fromMs !== undefined && fromMs < toMs ? fromMs : toMs - instantMs
  const { count, sum, buckets } = values
  return { golden, label, instance, fromMs: from, toMs, count, sum, ...(bounds && buckets && { bounds, buckets }) }
}
