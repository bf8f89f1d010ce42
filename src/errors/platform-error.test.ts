import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf, isRetryable, PlatformError } from './platform-error.ts'

test('the code of an error is found again when the error was stored and read back as data', () => {
  const stored: unknown = JSON.parse(JSON.stringify({ code: 'NAME_TAKEN', message: 'shop is taken' }))

  assert.equal(codeOf(stored), 'NAME_TAKEN')
  assert.equal(codeOf(new PlatformError('NAME_TAKEN', 'shop is taken')), 'NAME_TAKEN')
})

test('a word that only looks like a code, such as an inherited name, is none', () => {
  for (const code of ['constructor', 'toString', '__proto__', 'ENOENT', 42, undefined]) {
    assert.equal(codeOf({ code }), undefined)
  }
})

test('what the caller must mend is not retried; what an operator or we must mend is', () => {
  assert.equal(isRetryable(new PlatformError('NAME_INVALID', 'no name')), false)
  assert.equal(isRetryable(new PlatformError('GIT_HOST_UNAVAILABLE', 'away')), true)
  assert.equal(isRetryable(new Error('nobody foresaw it')), true)
})
