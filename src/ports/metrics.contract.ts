import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { MetricSeries } from '#model/signals.ts'
import { processMetrics, requestsMetric, scopes } from './otlp-samples.ts'
import type { Metrics, SignalScope } from './signals.ts'

export interface MetricsUnderTest {
  readonly port: Metrics
  /** Sends an OTLP/JSON request as that workload; resolves when a query finds it. */
  write(scope: SignalScope, request: unknown): Promise<void>
}

const bounds = [0.1, 1]
const minute = 60_000

/** What every store of metrics promises. `make` gives an empty one. */
export function describeMetrics(product: string, make: (t: TestContext) => Promise<MetricsUnderTest>): void {
  const promise = (what: string, check: (under: MetricsUnderTest, end: number) => Promise<void>) =>
    void test(`${product}: ${what}`, async (t) => check(await make(t), Math.floor(Date.now() / minute) * minute))
  const chart = async (port: Metrics, { end, points = 1 }: { end: number; points?: number }) =>
    port.golden(scopes.mine, { from: iso(end - points * minute), to: iso(end) }, points)

  promise(
    'cumulative counts become rates by status class, shares of errors and latencies',
    async ({ port, write }, end) => {
      const head = { fromMs: end - 3 * minute, temporality: 'cumulative', bounds } as const
      await write(
        scopes.mine,
        requestsMetric({ ...head, toMs: end - minute, statuses: { 200: [10, 0, 0], 503: [0, 0, 0] } }),
      )

      await write(scopes.mine, requestsMetric({ ...head, toMs: end, statuses: { 200: [100, 0, 0], 503: [0, 30, 0] } }))

      const series = await chart(port, { end })
      near(valueOf(series, 'requests', { status: '2xx' }), 90 / 60)
      near(valueOf(series, 'requests', { status: '5xx' }), 30 / 60)
      near(valueOf(series, 'errors'), 30 / 120)
      assert.ok(between(valueOf(series, 'latency', { quantile: 'p50' }), 1, 100))
      assert.ok(between(valueOf(series, 'latency', { quantile: 'p95' }), 100, 1_000))
    },
  )

  promise('deltas add up', async ({ port, write }, end) => {
    for (const at of [2, 1, 0]) {
      const times = { fromMs: end - (at + 1) * 20_000, toMs: end - at * 20_000 }
      await write(
        scopes.mine,
        requestsMetric({ ...times, temporality: 'delta', bounds, statuses: { 200: [20, 0, 0] } }),
      )
    }

    near(valueOf(await chart(port, { end }), 'requests', { status: '2xx' }), 1)
  })

  promise('a counter that starts again counts from nothing, never below it', async ({ port, write }, end) => {
    const head = { temporality: 'cumulative', bounds } as const
    await write(
      scopes.mine,
      requestsMetric({ ...head, fromMs: end - 5 * minute, toMs: end - minute, statuses: { 200: [500, 0, 0] } }),
    )

    await write(
      scopes.mine,
      requestsMetric({ ...head, fromMs: end - minute, toMs: end, statuses: { 200: [60, 0, 0] } }),
    )

    near(valueOf(await chart(port, { end }), 'requests', { status: '2xx' }), 1)
  })

  promise('the same export sent twice counts once', async ({ port, write }, end) => {
    const request = requestsMetric({
      fromMs: end - minute,
      toMs: end,
      temporality: 'cumulative',
      bounds,
      statuses: { 200: [60, 0, 0] },
    })

    await write(scopes.mine, request)
    await write(scopes.mine, request)

    near(valueOf(await chart(port, { end }), 'requests', { status: '2xx' }), 1)
  })

  promise('memory and cpu add up over instances', async ({ port, write }, end) => {
    for (const instance of ['one', 'two']) {
      const head = { fromMs: end - 2 * minute, memory: 50_000_000 }
      await write(scopes.mine, processMetrics({ ...head, toMs: end - minute, cpuSeconds: 6 }, instance))
      await write(scopes.mine, processMetrics({ ...head, toMs: end, cpuSeconds: 36 }, instance))
    }

    const series = await chart(port, { end })
    near(valueOf(series, 'memory'), 100_000_000)
    near(valueOf(series, 'cpu'), 1)
  })

  promise('time without reports is a gap, not zero', async ({ port, write }, end) => {
    await write(scopes.mine, processMetrics({ fromMs: end - minute, toMs: end, memory: 1, cpuSeconds: 1 }))

    const series = await chart(port, { end, points: 10 })
    assert.equal(series.find(({ name }) => name === 'memory')?.points[0]?.[1], null)
    assert.equal(series.find(({ name }) => name === 'requests')?.points[0]?.[1] ?? null, null)
  })

  promise('nothing of another service or environment is counted', async ({ port, write }, end) => {
    const request = requestsMetric({
      fromMs: end - minute,
      toMs: end,
      temporality: 'delta',
      bounds,
      statuses: { 500: [60, 0, 0] },
    })

    await write(scopes.other, request)
    await write(scopes.elsewhere, request)

    const series = await chart(port, { end })
    assert.ok(series.flatMap(({ points }) => points).every(([, value]) => !value))
  })
}

function valueOf(series: readonly MetricSeries[], name: string, labels: Record<string, string> = {}): number {
  const found = series.find(
    (one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value),
  )
  return found?.points.at(-1)?.[1] ?? Number.NaN
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
