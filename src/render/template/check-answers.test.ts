import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readTemplate } from '../../../testing/golden-paths.ts'
import { checkAnswers, requireAnswers } from './check-answers.ts'
import { parseTemplate } from './parse-template.ts'

const template = parseTemplate(readTemplate(fileURLToPath(new URL('fixtures/greeter', import.meta.url))))
const good = { name: 'hello', owner: 'team-a' }

test('defaults are applied, in the order of the questions', () => {
  const { answers, errors } = checkAnswers(template, good)

  assert.deepEqual(errors, [])
  assert.deepEqual(Object.entries(answers), [
    ['name', 'hello'],
    ['owner', 'team-a'],
    ['port', 8080],
    ['language', 'en'],
    ['loud', false],
    ['tags', []],
  ])
})

test('numbers and booleans may come as text, as command lines send them', () => {
  const { answers, errors } = checkAnswers(template, { ...good, port: '9090', loud: 'true' })

  assert.deepEqual(errors, [])
  assert.deepEqual([answers['port'], answers['loud']], [9090, true])
})

test('a required answer that is missing or empty is ANSWER_MISSING at its field', () => {
  assert.deepEqual(checkAnswers(template, { name: '' }).errors, [
    { path: 'values/name', code: 'ANSWER_MISSING', message: 'please answer this' },
    { path: 'values/owner', code: 'ANSWER_MISSING', message: 'please answer this' },
  ])
})

const refused: readonly (readonly [field: string, answer: unknown])[] = [
  ['name', 'Shop'],
  ['name', 7],
  ['name', 'a\n'],
  ['port', 80],
  ['port', 8080.5],
  ['port', '0x1f90'],
  ['language', 'fr'],
  ['loud', 'maybe'],
  ['tags', ['a', 'b', 'c', 'd']],
  ['tags', ['A']],
  ['tags', [1]],
  ['tags', 'a'],
  ['description', 'x'.repeat(501)],
  ['description', 'a${{ values.name }}'],
  ['description', 'a{{ x }}'],
  ['description', '{% raw %}'],
  ['description', 'two\nlines'],
  ['description', 'bell\u0007'],
  ['description', 'next line\u0085'],
  ['description', 'line separator\u2028'],
  ['description', 'reversed \u202e text'],
  ['description', 'half a pair \ud800'],
  ['notes', 'nul\0'],
  ['notes', 'carriage\rreturn'],
  ['notes', 'a\n{{ x }}'],
  ['unasked', 'x'],
  ['__proto__', 'x'],
  ['constructor', 'x'],
]

for (const [field, answer] of refused) {
  test(`${field} = ${JSON.stringify(answer)?.slice(0, 40)} is ANSWER_INVALID at its field`, () => {
    const given = Object.fromEntries([...Object.entries(good), [field, answer]])

    const { errors } = checkAnswers(template, given)

    assert.ok(errors.length > 0)
    for (const error of errors) {
      assert.equal(error.code, 'ANSWER_INVALID')
      assert.ok(error.path === `values/${field}` || error.path.startsWith(`values/${field}/`), error.path)
    }
  })
}

test('free text may hold quotes, colons, hashes, dollars, tags and any script', () => {
  const description = `"it's" a: b # c \\n ${'${HOME}'} $(x) <b>&amp; 日本語 ß 🎉 - [x](y) */ --> %7B`

  const { answers, errors } = checkAnswers(template, { ...good, description, notes: 'one\n\ttwo\n' })

  assert.deepEqual(errors, [])
  assert.equal(answers['description'], description)
  assert.equal(answers['notes'], 'one\n\ttwo\n')
})

test('requireAnswers throws the first code with every field', () => {
  assert.throws(
    () => requireAnswers(template, { name: 'X' }),
    (error: { code?: string; errors?: unknown[] }) => error.code === 'ANSWER_INVALID' && error.errors?.length === 2,
  )
})
