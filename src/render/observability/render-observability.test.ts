import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus'
import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { parse } from 'yaml'
import { dashboardUid } from '#lib/promql/dashboard-uid.ts'
import { manifestFaults } from '../../../testing/kubernetes/validate-manifest.ts'
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
}

test('a service gets two valid objects in its own folder, the same every time', () => {
  const files = renderObservability(request)

  assert.deepEqual(
    files.map(({ path }) => path),
    ['alerts', 'dashboard'].map((name) => `clusters/production/observability/shop/${name}.yaml`),
  )
  for (const { path, content } of files) assert.deepEqual(manifestFaults(content), [], path)
  assert.deepEqual(renderObservability(request), files)
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
