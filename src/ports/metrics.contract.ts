import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { MetricSeries } from '#model/signals.ts'
import { freshScopes, processMetrics, requestsMetric, type SampleScopes } from './otlp-samples.ts'
import type { Metrics, SignalScope } from './signals.ts'

export interface MetricsUnderTest {
  readonly port: Metrics
  /** Sends an OTLP/JSON request as that workload; resolves when a query finds it. */
  write(scope: SignalScope, request: unknown): Promise<void>
}

const bounds = [0.1, 1]
const minute = 60_000
/** Workloads export at an interval; a product that computes rates from what it was sent needs more than one export. */
const every = 15_000

interface Promised extends MetricsUnderTest {
  readonly scopes: SampleScopes
  /** A whole minute, now or a moment ago. */
  readonly end: number
  /** The last minutes, one point each. */
  chart(points: number): Promise<readonly MetricSeries[]>
}

/** What every store of metrics promises, told that exports come at least every 15 seconds. `make` may give one that others write to. */
export function describeMetrics(product: string, make: (t: TestContext) => Promise<MetricsUnderTest>): void {
  const promise = (what: string, check: (under: Promised) => Promise<void>) =>
    void test(`${product}: ${what}`, async (t) => {
      const { port, write } = await make(t)
      const scopes = freshScopes()
      const end = Math.floor(Date.now() / minute) * minute
      const chart = (points: number) =>
        port.golden(scopes.mine, { from: iso(end - points * minute), to: iso(end) }, points)
      await check({ port, write, scopes, end, chart })
    })

  promise(
    'cumulative counts become rates by status class, shares of errors and latencies',
    async ({ write, scopes, end, chart }) => {
      const fromMs = end - 5 * minute
      for (const [at, toMs] of exports(fromMs, end)) {
        const statuses = { 200: [24 * at, 0, 0], 503: [0, 8 * at, 0] }
        await write(scopes.mine, requestsMetric({ fromMs, toMs, temporality: 'cumulative', bounds, statuses }))
      }

      const series = await chart(1)
      near(valueOf(series, 'requests', { status: '2xx' }), 24 / 15)
      near(valueOf(series, 'requests', { status: '5xx' }), 8 / 15)
      near(valueOf(series, 'errors'), 0.25)
      assert.ok(between(valueOf(series, 'latency', { quantile: 'p50' }), 1, 100))
      assert.ok(between(valueOf(series, 'latency', { quantile: 'p95' }), 100, 1_000))
    },
  )

  promise('where no request failed the share of errors is zero', async ({ write, scopes, end, chart }) => {
    const fromMs = end - 3 * minute
    for (const [at, toMs] of exports(fromMs, end)) {
      const statuses = { 200: [10 * at, 0, 0] }
      await write(scopes.mine, requestsMetric({ fromMs, toMs, temporality: 'cumulative', bounds, statuses }))
    }

    assert.equal(valueOf(await chart(1), 'errors'), 0)
  })

  promise('deltas add up', async ({ write, scopes, end, chart }) => {
    for (const [, toMs] of exports(end - 5 * minute, end)) {
      const times = { fromMs: toMs - every, toMs }
      const statuses = { 200: [20, 0, 0] }
      await write(scopes.mine, requestsMetric({ ...times, temporality: 'delta', bounds, statuses }))
    }

    near(valueOf(await chart(1), 'requests', { status: '2xx' }), 20 / 15)
  })

  promise('a counter that starts again counts from nothing, never below it', async ({ write, scopes, end, chart }) => {
    for (const [from, to, step] of [
      [end - 6 * minute, end - 2 * minute, 500],
      [end - 2 * minute, end, 15],
    ] as const) {
      for (const [at, toMs] of exports(from, to)) {
        const statuses = { 200: [step * at, 0, 0] }
        await write(scopes.mine, requestsMetric({ fromMs: from, toMs, temporality: 'cumulative', bounds, statuses }))
      }
    }

    const points = pointsOf(await chart(2), 'requests', { status: '2xx' })
    assert.equal(points.length, 2)
    for (const [, value] of points) near(value ?? Number.NaN, 1)
  })

  promise('the same export sent twice counts once', async ({ write, scopes, end, chart }) => {
    const fromMs = end - 3 * minute
    for (const [at, toMs] of exports(fromMs, end)) {
      const statuses = { 200: [15 * at, 0, 0] }
      const request = requestsMetric({ fromMs, toMs, temporality: 'cumulative', bounds, statuses })
      await write(scopes.mine, request)
      await write(scopes.mine, request)
    }

    near(valueOf(await chart(1), 'requests', { status: '2xx' }), 1)
  })

  promise('memory and cpu add up over instances', async ({ write, scopes, end, chart }) => {
    for (const instance of ['one', 'two']) {
      const head = { fromMs: end - 3 * minute, memory: 50_000_000 }
      for (const [at, toMs] of exports(head.fromMs, end))
        await write(scopes.mine, processMetrics({ ...head, toMs, cpuSeconds: 7.5 * at }, instance))
    }

    const series = await chart(1)
    near(valueOf(series, 'memory'), 100_000_000)
    near(valueOf(series, 'cpu'), 1)
  })

  promise('time without reports is a gap, not zero', async ({ write, scopes, end, chart }) => {
    const head = { fromMs: end - 6 * minute, memory: 1 }
    for (const [at, toMs] of exports(head.fromMs, end - 4 * minute))
      await write(scopes.mine, processMetrics({ ...head, toMs, cpuSeconds: at }))

    const series = await chart(10)
    const memory = pointsOf(series, 'memory').map(([, value]) => value)
    assert.deepEqual([memory[0], memory[5], memory[9]], [null, 1, null])
    assert.equal(pointsOf(series, 'requests')[9]?.[1] ?? null, null)
  })

  promise('nothing of another service or environment is counted', async ({ write, scopes, end, chart }) => {
    const fromMs = end - 3 * minute
    for (const [at, toMs] of exports(fromMs, end)) {
      const statuses = { 500: [60 * at, 0, 0] }
      const request = requestsMetric({ fromMs, toMs, temporality: 'cumulative', bounds, statuses })
      await write(scopes.other, request)
      await write(scopes.elsewhere, request)
    }

    const series = await chart(1)
    assert.ok(series.flatMap(({ points }) => points).every(([, value]) => !value))
  })
}

/** Number and time of each export after `from`, up to `to`. */
function exports(from: number, to: number): [number, number][] {
  return Array.from({ length: (to - from) / every }, (_, at) => [at + 1, from + (at + 1) * every])
}

function pointsOf(series: readonly MetricSeries[], name: string, labels: Record<string, string> = {}) {
  const found = series.find(
    (one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value),
  )
  return found?.points ?? []
}

function valueOf(series: readonly MetricSeries[], name: string, labels: Record<string, string> = {}): number {
  return pointsOf(series, name, labels).at(-1)?.[1] ?? Number.NaN
}

// Products interpolate at the edges of a range.
function near(value: number, wanted: number): void {
  assert.ok(Math.abs(value - wanted) <= wanted * 0.05, `${value} is not about ${wanted}`)
}

function between(value: number, low: number, high: number): boolean {
  return value >= low && value <= high
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
