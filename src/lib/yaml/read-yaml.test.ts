import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse } from 'yaml'
import { z } from 'zod'
import { readYaml, readYamlAs } from './read-yaml.ts'
import { writeYaml } from '#render/yaml/write-yaml.ts'

const source = { code: 'SCORE_INVALID', file: 'score.yaml' } as const

test('an error names file, line and field, also for a field that is missing', () => {
  const schema = z.strictObject({ a: z.strictObject({ b: z.number(), c: z.string() }) })

  assert.throws(() => readYamlAs('# x\na:\n  b: text\n  c: d\n', schema, source), {
    code: 'SCORE_INVALID',
    message: /^score\.yaml line 3, a\.b: /,
  })
  assert.throws(() => readYamlAs('# x\na:\n  b: 1\n', schema, source), { message: /^score\.yaml line 2, a\.c: / })
  assert.throws(() => readYamlAs('a:\n  b: 1\n  c: d\n  e: f\n', schema, source), {
    message: /^score\.yaml line 4, a\.e: this field is not known here/,
  })
})

test('syntax errors, second documents, empty files and double keys are refused with the line', () => {
  for (const text of ['a: [1', 'a: 1\na: 2', 'a: 1\n---\nb: 2', '', '- !ruby/object:X {}\n', '? [a]\n: b']) {
    assert.throws(() => readYamlAs(text, z.unknown(), source), { code: 'SCORE_INVALID' }, text)
  }
})

const bombs: Readonly<Record<string, string>> = {
  aliases: `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
    .split('')
    .map((name, index) => `${name}: &${name} [${`*${'abcdefghij'[index]},`.repeat(9)}]`)
    .join('\n')}`,
  'many aliases': `a: &a 1\nb: [${'*a,'.repeat(200)}]`,
  'flow nesting': '['.repeat(20_000),
  'closed flow nesting': `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  'compact nesting': `${'- '.repeat(20_000)}x`,
  'key nesting': `${'? '.repeat(20_000)}x`,
  'block nesting': Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
  size: `a: ${'x'.repeat(1024 * 1024)}`,
}

for (const [name, text] of Object.entries(bombs)) {
  test(`a bomb of ${name} is refused within 200 ms`, () => {
    const start = performance.now()

    assert.throws(() => readYaml(text, source), { code: 'SCORE_INVALID' })

    assert.ok(performance.now() - start < 200, `${performance.now() - start} ms`)
  })
}

test('merge keys are ordinary keys', () => {
  assert.deepEqual(readYaml('a: &a {x: 1}\nb: {<<: *a}\n', source)[0]?.value, { a: { x: 1 }, b: { '<<': { x: 1 } } })
})

for (const key of ['__proto__', 'constructor', 'prototype', '"__proto__"', '"\\u005f_proto__"']) {
  test(`the key ${key} is refused at any depth, and nothing is polluted`, () => {
    for (const text of [`${key}: {polluted: true}`, `a: {${key}: {polluted: true}}`, `- ? ${key}\n  : x`])
      assert.throws(() => readYaml(text, source), { message: /line 1: the key \S+ is not allowed/ }, text)

    assert.equal(({} as { polluted?: unknown }).polluted, undefined)
  })
}

test('a list of merge keys is plain data and costs nothing', () => {
  const bases = Array.from({ length: 900 }, (_, index) => `k${index}: {a${index}: 1}`).join('\n')
  const merges = `m: {<<: [${'{a: 1}, '.repeat(5_000)}]}`

  const values = readYaml(`${bases}\n${merges}\n`, source).map(({ value }) => value as { m: { '<<': unknown[] } })

  assert.deepEqual(
    values.map(({ m }) => m['<<'].length),
    [5_000],
  )
})

test('what is written reads the same in YAML 1.2 and in the 1.1 of Kubernetes', () => {
  const words = fc.constantFrom(
    'yes',
    'on',
    'Off',
    'n',
    '~',
    'null',
    '012',
    '0o7',
    '1:30',
    '1_000',
    '0x1f',
    '.inf',
    '=',
    '<<',
  )
  const dates = fc.constantFrom(
    '2020-01-01',
    '1e3',
    '- a',
    '# b',
    'a: b',
    "'",
    '"',
    '|',
    '>',
    '%',
    '@',
    '`',
    '\t',
    ' x ',
    '',
  )
  const texts = fc.oneof(words, dates, fc.string({ unit: 'grapheme' }), fc.string())
  fc.assert(
    fc.property(fc.dictionary(texts, fc.oneof(texts, fc.array(texts), fc.integer(), fc.boolean())), (value) => {
      const text = writeYaml(value)
      assert.deepEqual({ ...parse(text, { version: '1.2' }) }, { ...value })
      assert.deepEqual({ ...parse(text, { version: '1.1', merge: false }) }, { ...value })
    }),
    { numRuns: 1_000 },
  )
})
