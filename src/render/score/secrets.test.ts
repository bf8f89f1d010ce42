import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goldenWorkload } from '../../../testing/golden-workload.ts'
import { parseScore } from './parse-score.ts'
import { renderManifests } from './render-manifests.ts'
import { secretNamesIn, secretNamesOf } from './secrets.ts'

test('what score.yaml asks for is what the manifests ask for, by the same names', () => {
  const request = goldenWorkload()
  const files = renderManifests(request)

  assert.deepEqual(secretNamesOf(request.score), ['database.password', 'database.url'])
  assert.deepEqual(secretNamesIn(files, request.release.service), ['database.password', 'database.url'])
})

test('a service names only Secrets that carry its own name, whatever id it gives', () => {
  const score = parseScore(`
apiVersion: score.dev/v1b1
metadata: { name: shop }
containers:
  main:
    image: .
    variables: { KEY: '\${resources.theirs.key}' }
resources:
  theirs: { type: secret, id: billing-database }
`)
  const [deployment] = renderManifests({ ...goldenWorkload(), score }).filter(({ path }) => path === 'deployment.yaml')

  assert.match(deployment?.content ?? '', /name: shop-billing-database/)
  assert.deepEqual(secretNamesOf(score), ['billing-database.key'])
})

test('a file that says noExpand holds its text, not a secret', () => {
  const score = parseScore(`
apiVersion: score.dev/v1b1
metadata: { name: shop }
containers:
  main:
    image: .
    files:
      /etc/shop/sample: { content: '\${resources.db.password}', noExpand: true }
resources:
  db: { type: secret }
`)

  assert.deepEqual(secretNamesOf(score), [])
  assert.deepEqual(secretNamesIn(renderManifests({ ...goldenWorkload(), score }), 'shop'), [])
})
