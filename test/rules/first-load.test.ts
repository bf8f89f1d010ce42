import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstLoadLimit, firstLoads } from '../../tools/first-load.ts'

test('no page of the portal needs more than 250 kB compressed before it can be used', () => {
  const loads = firstLoads()

  assert.ok(loads.length >= 30, `${loads.length} routes were found`)
  assert.ok(
    loads.every(({ gzip, brotli }) => gzip > 50_000 && brotli > 50_000),
    'a first load is more than nothing',
  )
  assert.deepEqual(
    loads
      .filter(({ gzip }) => gzip > firstLoadLimit)
      .map(({ route, gzip }) => `${route} needs ${Math.round(gzip / 1000)} kB`),
    [],
  )
})
