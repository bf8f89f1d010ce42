import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { describeMetrics } from '#ports/metrics.contract.ts'
import { freshScopes, requestsMetric } from '#ports/otlp-samples.ts'
import { alertRules } from '#render/observability/alert-rules.ts'
import { writeYaml } from '#render/yaml/write-yaml.ts'
import { labFacts } from '../../../../testing/lab.ts'
import { loadRules } from '../../../../testing/load-rules.ts'
import { signalForwarder } from '../../../../testing/signal-forwarder.ts'
import { checkConnection } from './check-connection.ts'
import { PrometheusOptions } from './options.ts'
import { prometheusMetrics } from './prometheus.ts'

const lab = await labFacts('prometheus')

describe('Prometheus', { skip: lab.skip }, () => {
  const metrics = () => prometheusMetrics(PrometheusOptions.parse({ url: lab.facts['url'], exportSeconds: 15 }))

  describeMetrics('prometheus', async (t) => {
    const port = metrics()
    const { write } = await signalForwarder(t, 'metrics', { intakes: { metrics: port.intake } })
    return { port, write }
  })

  test('what a point claims of service, environment or job is not stored', async (t) => {
    const port = metrics()
    const scopes = freshScopes()
    const { write } = await signalForwarder(t, 'metrics', { intakes: { metrics: port.intake } })
    const end = Date.now()

    for (let at = 1; at <= 8; at++) {
      const toMs = end - (8 - at) * 15_000
      const statuses = { 500: [60 * at, 0, 0] }
      const head = { fromMs: end - 120_000, toMs, temporality: 'cumulative', bounds, statuses } as const
      await write(scopes.other, claiming(requestsMetric(head), scopes.mine.service))
    }

    const range = { from: new Date(end - 60_000).toISOString(), to: new Date(end).toISOString() }
    const [foreign, own] = [await port.golden(scopes.mine, range, 1), await port.golden(scopes.other, range, 1)]
    assert.ok(foreign.flatMap(({ points }) => points).every(([, value]) => !value))
    assert.equal(own.find(({ name, labels }) => name === 'requests' && labels['status'] === '5xx')?.points[0]?.[1], 4)
  })

  test('Prometheus takes the alert rules of a service and can evaluate each', async (t) => {
    const { mine } = freshScopes()
    const labels = { service: 'service_name', environment: 'deployment_environment_name' }
    const request = { ...mine, owner: 'team-a', labels, exportSeconds: 15, portalUrl: 'http://localhost:7007' }

    const rules = await loadRules(t, lab.facts, {
      name: mine.service,
      text: writeYaml(alertRules(request)),
      group: `fairway/dev/${mine.service}`,
    })

    assert.deepEqual(
      rules.map(({ name, health, lastError }) => [name, health, lastError]),
      [
        ['FairwayManyErrors', 'ok', undefined],
        ['FairwaySlow', 'ok', undefined],
        ['FairwaySilent', 'ok', undefined],
      ],
    )
    // Nothing was ever reported for it: only the alert about silence is on its way.
    assert.deepEqual(
      rules.map(({ state }) => state),
      ['inactive', 'inactive', 'pending'],
    )
  })

  test('the live check says what is there, and which setting is missing', async () => {
    const found = await checkConnection(PrometheusOptions.parse({ url: lab.facts['url'] }))
    const renamed = { service: 'no_such_label', environment: 'neither' }
    const wrong = await checkConnection(
      PrometheusOptions.parse({ url: lab.facts['url'], writtenBy: 'collector', labels: renamed }),
    )
    const nobody = await checkConnection(PrometheusOptions.parse({ url: 'http://127.0.0.1:9' }))

    assert.deepEqual(
      found.map(({ check, state }) => [check, state]),
      [
        ['version', 'ok'],
        ['query', 'ok'],
        ['labels of series', 'ok'],
        ['receive OTLP', 'ok'],
      ],
    )
    assert.deepEqual(
      wrong.map(({ state }) => state),
      ['ok', 'ok', 'missing'],
    )
    assert.ok(nobody.every(({ state, found: said }) => state === 'problem' && said.includes('cannot be asked')))
  })
})

const bounds = [0.1, 1]

/** The same request with every spelling of a foreign service among the attributes of its points and of its resource. */
function claiming(request: unknown, service: string): unknown {
  const names = ['service.name', 'service_name', 'Service.Name', '_service_name', 'service..name', 'job', 'instance']
  const claims = names.map((key) => ({ key, value: { stringValue: service } }))
  return JSON.parse(JSON.stringify(request), (key, value) =>
    key === 'attributes' && Array.isArray(value) ? [...value, ...claims] : value,
  )
}
