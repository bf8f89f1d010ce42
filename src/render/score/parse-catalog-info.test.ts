import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCatalogInfo } from './parse-catalog-info.ts'

const component = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
  description: Sells things
spec:
  type: service
  lifecycle: production
  owner: group:team-a
`
const api = `apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: shop}
spec: {type: openapi, lifecycle: production, owner: team-a, definition: {$text: ./openapi.json}}
`

test('several entities are read, each with the fields Backstage knows and those it does not', () => {
  const entities = parseCatalogInfo(
    `---\n${component}---\n${api.replace('metadata: {', 'metadata: {extra: kept, ')}---\n`,
  )

  assert.deepEqual(
    entities.map(({ kind, metadata }) => [kind, metadata.name, metadata.namespace]),
    [
      ['Component', 'shop', 'default'],
      ['API', 'shop', 'default'],
    ],
  )
  assert.equal(entities[1]?.metadata['extra'], 'kept')
})

const faults: readonly (readonly [title: string, text: string, message: RegExp])[] = [
  [
    'an entity without owner',
    component.replace('  owner: group:team-a\n', ''),
    /document 1, line 6, spec\.owner: an owner is needed/,
  ],
  ['a group', component.replace('Component', 'Group'), /document 1, line 2, kind: a team's repository may describe/],
  ['a user in a second document', `${component}---\n${api.replace('API', 'User')}`, /document 2, line 12, kind/],
  ['a location', component.replace('Component', 'Location'), /kind/],
  ['a name with a slash', component.replace('name: shop', 'name: a/b'), /line 4, metadata\.name/],
  [
    'a component without lifecycle',
    component.replace('  lifecycle: production\n', ''),
    /spec\.lifecycle: Component needs/,
  ],
  ['the same entity twice', `${component}---\n${component}`, /component:default\/shop twice/],
  ['a list instead of an entity', '- a\n', /document 1, line 1/],
  [
    'an annotation that is no text',
    component.replace('  description: Sells things', '  annotations: {a: 1}'),
    /metadata\.annotations\.a/,
  ],
  ['nothing', '---\n', /describes nothing/],
]

for (const [title, text, message] of faults) {
  test(`${title} is refused with document, line and field`, () => {
    assert.throws(() => parseCatalogInfo(text), { code: 'CATALOG_INFO_INVALID', message })
  })
}
