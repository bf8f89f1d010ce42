import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slowPatterns } from '../../../testing/hostile/slow-patterns.ts'
import { isPattern, matchesPattern } from './bounded-pattern.ts'
import { checkAnswers } from './check-answers.ts'

// Without the bound each of these runs for longer than anybody waits: the test itself would never end.
for (const [pattern, piece] of slowPatterns) {
  test(`${pattern} ends on every text, however it tries`, () => {
    for (const length of [30, 1_000, 9_000, 100_000])
      assert.notEqual(matchesPattern(pattern, `${piece.repeat(length / piece.length)}!`), true)
  })
}

test('an answer that makes its pattern run for ever is refused, and so is one too long to try', () => {
  const question = { type: 'string', pattern: '^(a+)+$' } as const
  const template = { questions: new Map([['name', { question, required: true }]]) }

  for (const name of [`${'a'.repeat(5_000)}!`, 'a'.repeat(100_000)]) {
    const { errors } = checkAnswers(template, { name })
    assert.equal(errors[0]?.code, 'ANSWER_INVALID')
  }
  assert.deepEqual(checkAnswers(template, { name: 'aaa' }).errors, [])
})

test('patterns mean what they mean in a browser', () => {
  const name = '^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])$'
  const cases: readonly (readonly [string, string])[] = [
    [name, 'shop'],
    [name, 'Shop'],
    [name, 'shop\n'],
    ['^[^\r\n]+$', 'a\nb'],
    ['^(?=.*b)a', 'ab'],
    ['(a)\\1', 'aa'],
    ['^\\p{L}+$', 'é'],
    ['', 'x'],
  ] // prettier-ignore
  for (const [pattern, text] of cases)
    assert.equal(
      matchesPattern(pattern, text),
      new RegExp(pattern, 'u').test(text),
      `${pattern} on ${JSON.stringify(text)}`,
    )
})

test('what is no pattern, or a book, is refused with the golden path', () => {
  for (const pattern of ['(', '[z-a]', '\\', 'a'.repeat(2_000)])
    assert.equal(isPattern(pattern), false, pattern.slice(0, 20))
})
