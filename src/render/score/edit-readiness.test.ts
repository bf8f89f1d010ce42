import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withReadinessPath } from './edit-readiness.ts'

const score = `apiVersion: score.dev/v1b1 # kept
metadata:
  name: shop
containers:
  app:
    image: .
    livenessProbe:
      httpGet: { path: /ready, port: 8080 }
    readinessProbe:
      httpGet:
        path: "/ready" # asked every second
        port: 8080
`

test('only the path of the readiness probe changes, every other byte stays', () => {
  const edited = withReadinessPath(score, '/elsewhere')

  assert.equal(edited?.text, score.replace('path: "/ready" #', 'path: /elsewhere #'))
  assert.deepEqual([edited?.before, edited?.container], ['/ready', 'app'])
})

test('a service that is not asked over HTTP has nothing to edit', () => {
  assert.equal(withReadinessPath(score.replace(/ {4}readinessProbe[^]*/, ''), '/elsewhere'), undefined)
})

test('where one line holds more than that path nothing is edited', () => {
  const crowded = score.replace(
    / {4}readinessProbe[^]*/,
    '    readinessProbe: { exec: { command: [a, "path: b"] }, httpGet: { path: /ready, port: 8080 } }\n',
  )

  assert.equal(withReadinessPath(crowded, '/elsewhere'), undefined)
})
