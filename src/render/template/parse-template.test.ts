import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readTemplate } from '../../../testing/golden-paths.ts'
import { parseTemplate } from './parse-template.ts'

const greeter = readTemplate(fileURLToPath(new URL('fixtures/greeter', import.meta.url)))
const text = greeter.get('template.yaml') ?? ''

function withTemplate(from: string, to: string): ReadonlyMap<string, string> {
  assert.ok(text.includes(from))
  return new Map([...greeter, ['template.yaml', text.replace(from, to)]])
}

test('a golden path tells its questions in order, and which are required', () => {
  const template = parseTemplate(greeter)

  assert.equal(template.name, 'greeter')
  assert.deepEqual(
    [...template.questions].filter(([, { required }]) => required).map(([name]) => name),
    ['name', 'owner'],
  )
  assert.equal(template.parameters.length, 2)
  assert.equal(template.fetches.length, 2)
  assert.equal(template.steps.length, 4)
})

const faults: readonly (readonly [title: string, from: string, to: string, message: RegExp])[] = [
  ['another version of the format', 'v1beta3', 'v1beta2', /line 1, apiVersion/],
  ['an action Fairway does not run', 'action: publish:git', 'action: debug:log', /line \d+, spec\.steps\.\d+/],
  ['a folder that is not there', 'url: ./loud', 'url: ./quiet', /url: the golden path has no folder quiet\//],
  ['a folder of another golden path', 'url: ./loud', 'url: ../other/skeleton', /line \d+, spec\.steps/],
  ['a question that a later page repeats', '        port:', '        name:', /an earlier page asks this already/],
  [
    'a required question that is not asked',
    'required: [name, owner]',
    'required: [name, nobody]',
    /no question named nobody/,
  ],
  ['a keyword that would not be checked', 'maxItems: 3', 'uniqueItems: true', /uniqueItems: Fairway does not support/],
  ['a pattern that is none', 'pattern: ^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])$', 'pattern: "["', /line 18, .*pattern/],
  ['an option that would be ignored', 'targetPath: loud', 'cookiecutterCompat: true', /line \d+, spec\.steps/],
]

for (const [title, from, to, message] of faults) {
  test(`${title} is refused with line and field`, () => {
    assert.throws(() => parseTemplate(withTemplate(from, to)), { code: 'TEMPLATE_INVALID', message })
  })
}

test('a folder without template.yaml is no golden path', () => {
  assert.throws(() => parseTemplate(new Map()), { code: 'TEMPLATE_INVALID', message: /no template\.yaml/ })
})
