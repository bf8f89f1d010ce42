import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PlatformError } from '#errors/platform-error.ts'
import { absence } from './absence.ts'

const away = new PlatformError('PRODUCT_UNREACHABLE', 'away')

test('a product that is away is asked less and less often, never more seldom than each 20 seconds, for a quarter of an hour', () => {
  let clock = 0
  const next = absence(() => clock)
  const pauses: number[] = []
  for (let pause = next(away); pause !== undefined; pause = next(away)) {
    pauses.push(pause)
    clock += pause
  }

  assert.ok(clock >= 15 * 60_000 && clock < 16 * 60_000, `${clock}`)
  assert.ok((pauses[0] ?? 0) < 1_000)
  assert.ok(pauses.every((pause) => pause < 20_000))
  assert.ok(pauses.length < 100, `${pauses.length}`)
})

test('who is told when to come again comes not before, and not at all when that is too late', () => {
  const limited = (retryAfterSeconds: number) =>
    new PlatformError('PRODUCT_RATE_LIMITED', 'no more', { facts: { retryAfterSeconds } })

  assert.ok((absence()(limited(60)) ?? 0) >= 60_000)
  assert.equal(absence()(limited(3600)), undefined)
})

test('a gateway that finds nobody behind it is an absence; a refusal or an error of the product is none', () => {
  const failed = (status: number) => new PlatformError('PRODUCT_FAILED', 'failed', { facts: { status } })

  for (const status of [502, 503, 504]) assert.ok(absence()(failed(status)))
  for (const error of [
    failed(500),
    failed(422),
    new PlatformError('PRODUCT_UNAUTHORISED', 'no'),
    new PlatformError('GIT_HOST_UNAUTHORIZED', 'no'),
    new Error('ours'),
  ])
    assert.equal(absence()(error), undefined)
})
