import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus'
import {
  type IPrometheusRule,
  PrometheusRule,
} from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule'
import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { parse } from 'yaml'
import { dashboardUid } from '#lib/promql/dashboard-uid.ts'
import { manifestFaults } from '../../../testing/kubernetes/validate-manifest.ts'
import { refusedObjects } from '../score/refused-objects.ts'
import { alertRules } from './alert-rules.ts'
import { dashboard } from './dashboard.ts'
import { renderObservability } from './render-observability.ts'
import type { ObservabilityRequest } from './request.ts'

/** The kit's types as data: without its enums, and without members that only its builders have. */
type Plain<T> = T extends string
  ? string
  : T extends readonly (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { [Key in keyof T as Key extends `_${string}` | 'dataqueryType' ? never : Key]: Plain<T[Key]> }
      : T

const request: ObservabilityRequest = {
  service: 'shop',
  environment: 'production',
  owner: 'team-a',
  labels: { service: 'service_name', environment: 'deployment_environment_name' },
  exportSeconds: 60,
  portalUrl: 'https://fairway.example.com',
  dashboard: true,
  alertRules: 'configmap',
}

test('a service gets two valid objects that its team’s folder may hold, the same every time', () => {
  const files = renderObservability(request)

  assert.deepEqual(
    files.map(({ path }) => path),
    ['alert-rules.yaml', 'dashboard.yaml'],
  )
  for (const { path, content } of files) assert.deepEqual(manifestFaults(content), [], path)
  assert.deepEqual(refusedObjects(files, 'team-a-production'), [])
  assert.deepEqual(renderObservability(request), files)
})

test('only what is asked for is rendered', () => {
  const paths = (change: Partial<ObservabilityRequest>) =>
    renderObservability({ ...request, ...change }).map(({ path }) => path)

  const { alertRules: _, ...withoutRules } = request
  assert.deepEqual(paths({ dashboard: false }), ['alert-rules.yaml'])
  assert.deepEqual(
    renderObservability(withoutRules).map(({ path }) => path),
    ['dashboard.yaml'],
  )
  assert.deepEqual(renderObservability({ ...withoutRules, dashboard: false }), [])
})

test('as an object of its own kind the rules have the operator’s shape and are the same, under the service’s labels, and may be in the folder', () => {
  const [file] = renderObservability({ ...request, dashboard: false, alertRules: 'prometheus-rule' })
  const object = parse(file?.content ?? '') as Record<'spec' | 'metadata', Record<string, Record<string, string>>>

  new PrometheusRule(parse(file?.content ?? '') as IPrometheusRule).validate()
  const misspelt = { ...(parse(file?.content ?? '') as IPrometheusRule), spec: { groups: [{ rules: [] }] } }
  assert.throws(() => new PrometheusRule(misspelt as unknown as IPrometheusRule).validate(), /name/)
  assert.deepEqual(object.spec, alertRules(request))
  assert.deepEqual(
    [object.metadata['namespace'], object.metadata['labels']?.['fairway.dev/service']],
    ['team-a-production', 'shop'],
  )
  assert.deepEqual(refusedObjects(file ? [file] : [], 'team-a-production'), [])
})

test('Grafana’s and Prometheus’ side cars find the objects by their labels', () => {
  const labels = renderObservability(request).map(({ content }) => (parse(content) as IConfigMap).metadata?.labels)

  assert.deepEqual([labels[0]?.['prometheus_rule'], labels[1]?.['grafana_dashboard']], ['1', '1'])
  for (const one of labels) assert.equal(one?.['fairway.dev/owner'], 'team-a')
})

test('what the objects hold is the rule file and the dashboard', () => {
  const [alerts, board] = renderObservability(request).map(({ content }) => parse(content) as IConfigMap)

  assert.deepEqual(parse(alerts?.data?.['production-shop.rules.yaml'] ?? ''), alertRules(request))
  assert.deepEqual(JSON.parse(board?.data?.['production-shop.json'] ?? ''), dashboard(request))
})

test('the dashboard has the shape that Grafana’s own kit gives it, and one panel for each golden signal', () => {
  const checked: Plain<Dashboard> = dashboard(request) // the compiler compares
  const asked: Plain<Dataquery>[] = dashboard(request).panels.flatMap(({ targets }) => targets)

  assert.deepEqual(
    checked.panels?.map(({ title }) => title),
    ['Requests', 'Errors', 'Latency', 'Memory', 'CPU'],
  )
  assert.ok(asked.length >= 7)
  assert.ok((checked.uid ?? '').length <= 40)
  assert.notEqual(checked.uid, dashboardUid({ service: 'shop', environment: 'dev' }))
})

test('every query of dashboard and alerts asks for this service in this environment', () => {
  const text = JSON.stringify([dashboard(request), alertRules(request)])
  const queries = [...text.matchAll(/"expr":"((?:[^"\\]|\\.)*)"/g)].map(
    ([, query]) => JSON.parse(`"${query}"`) as string,
  )

  assert.ok(queries.length >= 10)
  for (const query of queries)
    assert.equal(
      [...query.matchAll(/(?<!\$)\{/g)].length,
      query.split('service_name="shop",deployment_environment_name="production"').length - 1,
      query,
    )
})

test('a name that is none renders nothing', () => {
  for (const service of ['../x', 'Shop', '']) assert.throws(() => renderObservability({ ...request, service }))
})
