import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { OtlpPoint } from './metric-points.ts'
import { growthOf, type SeriesState } from './series-growth.ts'

test('cumulative values add up to what happened, however often the counter starts again', () => {
  const steps = fc.array(fc.record({ more: fc.nat(50), restart: fc.boolean() }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(steps, (all) => {
      let [value, fromMs, toMs] = [0, 1_000, 1_000]
      let last: SeriesState | undefined
      let [grown, wanted] = [0, 0]
      for (const { more, restart } of all) {
        if (restart) [value, fromMs] = [0, toMs + 1]
        toMs += 5_000
        value += more
        wanted += more
        const next = growthOf(counter({ fromMs, toMs, count: value }), last)
        grown += next?.growth?.count ?? 0
        last = next?.state
      }
      assert.equal(grown, wanted)
    }),
  )
})

test('a counter first seen long after its start is only a base', () => {
  const first = growthOf(counter({ fromMs: 1, toMs: 3_600_000, count: 9_000 }), undefined)
  const second = growthOf(counter({ fromMs: 1, toMs: 3_605_000, count: 9_004 }), first?.state)

  assert.equal(first?.growth, undefined)
  assert.deepEqual([second?.growth?.count, second?.growth?.fromMs], [4, 3_600_000])
})

test('a point that is not newer than the last adds nothing', () => {
  const point = counter({ fromMs: 1, toMs: 5_000, count: 3 })

  assert.equal(growthOf(point, growthOf(point, undefined)?.state), undefined)
})

test('a gauge holds since its last report, but not over a long silence', () => {
  const gauge = (toMs: number): OtlpPoint => ({
    ...counter({ fromMs: 0, toMs, count: 1 }),
    golden: 'memory',
    temporality: 'gauge',
  })
  const first = growthOf(gauge(10_000), undefined)
  const second = growthOf(gauge(70_000), first?.state)
  const late = growthOf(gauge(900_000), second?.state)

  assert.deepEqual(
    [first, second, late].map((next) => next?.growth?.fromMs),
    [9_000, 10_000, 899_000],
  )
})

function counter({ fromMs, toMs, count }: { fromMs: number; toMs: number; count: number }): OtlpPoint {
  return {
    golden: 'requests',
    label: '2xx',
    instance: 'one',
    series: 's',
    temporality: 'cumulative',
    fromMs,
    toMs,
    count,
    sum: count,
  }
}
