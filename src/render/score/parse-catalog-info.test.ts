import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSafeLink } from '#model/safe-link.ts'
import { linkPayloads } from '../../../testing/hostile/link-payloads.ts'
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
  ['a template', component.replace('Component', 'Template'), /kind/],
  ['a policy', component.replace('Component', 'Policy'), /kind/],
  ['a kind in another case', component.replace('Component', 'component'), /kind/],
  ['a name that ends with a dot', component.replace('name: shop', 'name: shop.'), /metadata\.name/],
  ['a name with a letter of another script', component.replace('name: shop', 'name: shоp'), /metadata\.name/],
  ['the same name in another case', `${component}---\n${component.replace('shop', 'SHOP')}`, /twice/],
  [
    'a namespace that reaches into another reference',
    component.replace('  description', '  namespace: default/x\n  description'),
    /metadata\.namespace/,
  ],
  [
    'a prototype',
    component.replace('  description: Sells things', '  labels: {__proto__: {a: b}}'),
    /line 5: the key __proto__/,
  ],
  [
    'an annotation that runs',
    component.replace('  description: Sells things', '  annotations: {"x/url": "java\\nscript:alert(1)"}'),
    /begins with https/,
  ],
]

test('no link that runs or opens a program enters the catalog', () => {
  const accepted = linkPayloads.filter((url) => {
    const links = `  links: [{url: ${JSON.stringify(url)}, title: x}]`
    try {
      parseCatalogInfo(component.replace('  description: Sells things', links))
      return true
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'CATALOG_INFO_INVALID', String(error))
      return false
    }
  })

  assert.deepEqual(accepted, linkPayloads.filter(isSafeLink))
  assert.ok(accepted.length < 10)
})

for (const [title, text, message] of faults) {
  test(`${title} is refused with document, line and field`, () => {
    assert.throws(() => parseCatalogInfo(text), { code: 'CATALOG_INFO_INVALID', message })
  })
}
