import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parser } from '@prometheus-io/lezer-promql'
import fc from 'fast-check'
import { hostileTexts } from '#ports/hostile-texts.ts'
import { goldenQueries } from './golden-signals.ts'
import { call, type Matcher, printPromql } from './tree.ts'

const scopeOf = (service: string, environment: string): Matcher[] => [
  { label: 'service_name', op: '=', value: service },
  { label: 'deployment_environment_name', op: '=', value: environment },
]
const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom(...hostileTexts))

test('whatever the scope is called, every selector of every golden query holds exactly that scope', () => {
  fc.assert(
    fc.property(anyText, anyText, (service, environment) => {
      for (const { tree } of goldenQueries(scopeOf(service, environment), 60)) {
        const selectors = selectorsOf(printPromql(tree))
        assert.ok(selectors.length > 0)
        for (const matchers of selectors) {
          assert.deepEqual(valuesOf(matchers, 'service_name'), [service.toWellFormed()])
          assert.deepEqual(valuesOf(matchers, 'deployment_environment_name'), [environment.toWellFormed()])
        }
      }
    }),
    { numRuns: 200 },
  )
})

test('a second selector would be seen', () => {
  const found = selectorsOf('x{service_name="a"} or y{service_name="b"}')

  assert.deepEqual(found, [['service_name="a"'], ['service_name="b"']])
})

test('a name that is none is refused', () => {
  for (const name of ['a b', 'x{', '', '1a', 'a"', 'a-b'])
    assert.throws(() => printPromql(call(name, 1)), TypeError, name)
  assert.throws(() => printPromql({ kind: 'select', matchers: [{ label: 'a}', op: '=', value: '' }] }), TypeError)
  assert.throws(() => printPromql({ kind: 'number', value: Number.NaN }), TypeError)
})

/** Matchers of each selector, read back by the parser of Prometheus's own editor. Throws where it finds an error. */
function selectorsOf(query: string): string[][] {
  const found: string[][] = []
  const cursor = parser.parse(query).cursor()
  do {
    if (cursor.type.isError) throw new Error(`not PromQL at ${cursor.from}: ${query}`)
    if (cursor.name === 'VectorSelector') found.push([])
    if (cursor.name === 'UnquotedLabelMatcher') found.at(-1)?.push(query.slice(cursor.from, cursor.to))
  } while (cursor.next())
  return found
}

function valuesOf(matchers: readonly string[], label: string): string[] {
  return matchers
    .filter((matcher) => matcher.startsWith(`${label}=`))
    .map((matcher) => JSON.parse(matcher.slice(label.length + 1)) as string)
}
