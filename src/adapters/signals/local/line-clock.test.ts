import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineClock } from './line-clock.ts'

const ms = (at: number) => BigInt(at) * 1_000_000n

test('lines of one millisecond are filed in the order they came, each at an instant of its own', () => {
  const clock = lineClock()

  assert.deepEqual(
    [clock.file('a', 1_000), clock.file('a', 1_000), clock.file('b', 1_000)],
    [ms(1_000), ms(1_000) + 1n, ms(1_000)],
  )
})

test('a line that comes a little late is filed behind the newest, so that nobody who follows misses it', () => {
  const clock = lineClock()
  const newest = clock.file('a', 20_000)

  assert.ok(clock.file('a', 11_000) > newest)
})

test('a line that comes very late is filed where it belongs, and moves nothing', () => {
  const clock = lineClock()
  clock.file('a', 60_000)

  const late = clock.file('a', 30_000)

  assert.equal(late / 1_000_000n, 30_000n)
  assert.equal(clock.file('a', 60_001), ms(60_001))
})
