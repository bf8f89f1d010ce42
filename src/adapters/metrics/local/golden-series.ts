import type { Growth } from '#lib/otlp/series-growth.ts'
import type { MetricSeries } from '#model/signals.ts'
import type { TimeRange } from '#ports/signals.ts'
import { quantile, type Segment, segmentsOf } from './quantile.ts'

/** One stretch of the time axis, with what fell into it. */
interface Slot {
  readonly fromMs: number
  readonly toMs: number
  readonly requests: Map<string, number>
  readonly segments: Segment[]
  /** Seconds covered and value × seconds, by golden signal and instance. */
  readonly held: Map<string, { golden: string; seconds: number; total: number }>
  /** Seconds the service reported for, by any signal. */
  covered: number
}

const quantiles = { p50: 0.5, p95: 0.95, p99: 0.99 }

/** Charts from what grew between instants: each growth is spread evenly over its own time, whatever the export interval. */
export function goldenSeries(growth: readonly Growth[], range: TimeRange, points: number): MetricSeries[] {
  const slots = slotsOf(range, points)
  for (const part of growth) spread(part, slots)
  const classes = [...new Set(slots.flatMap(({ requests }) => [...requests.keys()]))].sort()
  const requests = { name: 'requests', unit: '1/s' }
  const latency = { name: 'latency', unit: 'ms' }
  return [
    ...classes.map((status) =>
      chart({ ...requests, labels: { status } }, slots, (slot) => rate(slot, slot.requests.get(status) ?? 0)),
    ),
    ...(classes.length === 0 ? [chart({ ...requests, labels: {} }, slots, (slot) => rate(slot, 0))] : []),
    chart({ name: 'errors', unit: '1', labels: {} }, slots, errorShare),
    ...Object.entries(quantiles).map(([name, share]) =>
      chart({ ...latency, labels: { quantile: name } }, slots, ({ segments }) =>
        milliseconds(quantile(segments, share)),
      ),
    ),
    chart({ name: 'memory', unit: 'By', labels: {} }, slots, (slot) => sumHeld(slot, ['memory', 'runtime-memory'])),
    chart({ name: 'cpu', unit: '1', labels: {} }, slots, (slot) => sumHeld(slot, ['cpu-time', 'cpu-share'])),
  ]
}

function slotsOf({ from, to }: TimeRange, points: number): Slot[] {
  const start = Date.parse(from)
  const step = (Date.parse(to) - start) / points
  return Array.from({ length: points }, (_, at) => ({
    fromMs: start + at * step,
    toMs: start + (at + 1) * step,
    requests: new Map(),
    segments: [],
    held: new Map(),
    covered: 0,
  }))
}

function spread(part: Growth, slots: readonly Slot[]): void {
  const [first] = slots
  if (!first) return
  const step = first.toMs - first.fromMs
  const start = Math.max(0, Math.floor((part.fromMs - first.fromMs) / step))
  for (let at = start; at < slots.length; at++) {
    const slot = slots[at] as Slot
    const overlap = Math.min(part.toMs, slot.toMs) - Math.max(part.fromMs, slot.fromMs)
    if (slot.fromMs >= part.toMs) return
    if (overlap > 0) add(slot, part, overlap)
  }
}

function add(slot: Slot, part: Growth, overlapMs: number): void {
  const seconds = overlapMs / 1000
  const weight = overlapMs / (part.toMs - part.fromMs)
  const key = `${part.golden}/${part.instance}/${part.label}`
  const known = slot.held.get(key) ?? { golden: part.golden, seconds: 0, total: 0 }
  known.seconds += seconds
  if (part.golden === 'requests') {
    slot.requests.set(part.label, (slot.requests.get(part.label) ?? 0) + part.count * weight)
    if (part.bounds && part.buckets && part.count > 0)
      slot.segments.push(...segmentsOf(part.bounds, part.buckets, weight))
  } else if (part.golden === 'cpu-time') {
    known.total += part.sum * weight
  } else {
    known.total += (part.sum / Math.max(1, part.count)) * seconds
  }
  slot.held.set(key, known)
  slot.covered = Math.max(slot.covered, known.seconds)
}

// Over the time that was reported, so that the newest, half-full slot does not look like a drop.
function rate({ covered }: Slot, count: number): number | null {
  return covered > 0 ? round(count / covered) : null
}

function errorShare({ requests }: Slot): number | null {
  const total = [...requests.values()].reduce((sum, count) => sum + count, 0)
  return total > 0 ? round((requests.get('5xx') ?? 0) / total) : null
}

/** Sum over instances of each one's mean, by the first of the signals that anything was reported for. */
function sumHeld({ held }: Slot, signals: readonly string[]): number | null {
  for (const signal of signals) {
    const parts = [...held.values()].filter(({ golden, seconds }) => golden === signal && seconds > 0)
    if (parts.length > 0) return round(parts.reduce((sum, { total, seconds }) => sum + total / seconds, 0))
  }
  return null
}

function milliseconds(seconds: number | null): number | null {
  return seconds === null ? null : round(seconds * 1000)
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000
}

type Head = Omit<MetricSeries, 'points'>

function chart(head: Head, slots: readonly Slot[], value: (slot: Slot) => number | null): MetricSeries {
  return { ...head, points: slots.map((slot) => [slot.fromMs, value(slot)]) }
}
