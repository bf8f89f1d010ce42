import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterObjects } from './cluster-files.ts'
import { ArgoCdOptions } from './options.ts'

test('a project takes a kind besides those of a service only when it is asked for', () => {
  const options = ArgoCdOptions.parse({ repository: 'https://git.example.com/fairway/delivery.git' })
  const kindsOf = (more: object) => {
    const [project] = clusterObjects(options, { environment: 'dev', teams: ['team-a'], ...more })
    assert.ok(project)
    const { spec } = project.object as { spec: { namespaceResourceWhitelist: { group: string; kind: string }[] } }
    return spec.namespaceResourceWhitelist.map(({ group, kind }) => `${group}/${kind}`)
  }
  const rules = { group: 'monitoring.coreos.com', kind: 'PrometheusRule', plural: 'prometheusrules' }

  const plain = kindsOf({})
  assert.equal(plain.length, 6)
  assert.deepEqual(kindsOf({ kinds: [rules] }), [...plain, 'monitoring.coreos.com/PrometheusRule'])
})
