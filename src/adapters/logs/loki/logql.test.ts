import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parser } from '@grafana/lezer-logql'
import fc from 'fast-check'
import { levels } from '#lib/otlp/level.ts'
import { hostileTexts } from '#ports/hostile-texts.ts'
import { printLogql } from './logql.ts'

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom(...hostileTexts))
const tree = fc.record(
  {
    streams: fc.record({ service_name: anyText, deployment_environment_name: anyText }),
    contains: anyText,
    traceId: anyText,
    level: fc.constantFrom(...levels),
  },
  { requiredKeys: ['streams'] },
)

test('whatever a caller asks for, the query has one selector, and it is exactly the scope', () => {
  fc.assert(
    fc.property(tree, (asked) => {
      const { selectors, matchers, lineFilters } = partsOf(printLogql(asked))

      assert.equal(selectors, 1)
      assert.deepEqual(
        matchers,
        Object.entries(asked.streams).map(([label, value]) => `${label}=${JSON.stringify(value.toWellFormed())}`),
      )
      assert.equal(lineFilters, asked.contains ? 1 : 0)
    }),
    { numRuns: 500 },
  )
})

test('text that is pasted in would open a second selector', () => {
  const pasted = '{service_name="a"} or {service_name="b"}'

  assert.throws(() => assert.equal(partsOf(pasted).selectors, 1))
})

test('a selector without labels, and a label that is none, are refused', () => {
  assert.throws(() => printLogql({ streams: {} }), TypeError)
  assert.throws(() => printLogql({ streams: { 'a="x"} or {b': 'c' } }), TypeError)
})

/** The parts of a query, read back by the parser of Loki's own editor. Throws where it finds an error. */
function partsOf(query: string) {
  const parts = { selectors: 0, matchers: [] as string[], lineFilters: 0 }
  const cursor = parser.parse(query).cursor()
  do {
    if (cursor.type.isError) throw new Error(`not LogQL at ${cursor.from}: ${query}`)
    if (cursor.name === 'Selector') parts.selectors++
    if (cursor.name === 'LineFilter') parts.lineFilters++
    if (cursor.name === 'Matcher' && cursor.node.parent?.name === 'Matchers')
      parts.matchers.push(query.slice(cursor.from, cursor.to))
  } while (cursor.next())
  return parts
}
