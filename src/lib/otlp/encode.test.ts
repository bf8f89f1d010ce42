import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeLogs, encodePoints, encodeSpans, isReserved } from './encode.ts'
import { attributesOf, record } from './attributes.ts'
import { metricPoints } from './metric-points.ts'
import { readSpan, spanRecords } from './spans.ts'

const stamp = { service: 'shop', environment: 'dev', owner: 'team-a' }
const claim = (key: string) => ({ key, value: { stringValue: 'vault' } })

test('no spelling of a stamped name is left among attributes', () => {
  for (const name of [
    'service.name',
    'service_name',
    'SERVICE.NAME',
    '_service_name',
    'service...name',
    'key_service_name',
    'job',
    'instance',
    'deployment.environment.name',
    'deployment-environment-name',
  ])
    assert.ok(isReserved(name), name)
  for (const name of ['http.route', 'service', 'order', 'peer.service']) assert.ok(!isReserved(name), name)
})

test('whatever the payload claims, the resource of what is passed on is the stamp', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (keys) => {
      const claims = [...keys, 'service.name', 'deployment.environment.name', 'service.namespace'].map(claim)
      const point = { timeUnixNano: '1', asInt: '1', attributes: claims }
      const request = {
        resourceMetrics: [
          {
            resource: { attributes: claims },
            scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [point] } }] }],
          },
        ],
      }

      const passed = JSON.parse(JSON.stringify(encodePoints(stamp, metricPoints(request))))

      const [group] = passed.resourceMetrics
      const { 'service.name': service, 'deployment.environment.name': environment } = attributesOf(
        group.resource.attributes,
      )
      assert.deepEqual([service, environment], ['shop', 'dev'])
      const [kept] = group.scopeMetrics[0].metrics[0].gauge.dataPoints
      assert.ok(Object.keys(attributesOf(kept.attributes)).every((key) => !isReserved(key)))
    }),
  )
})

test('a span comes out as it went in, with its times to the microsecond', () => {
  const span = {
    traceId: 'ab'.repeat(16),
    spanId: 'cd'.repeat(8),
    parentId: 'ef'.repeat(8),
    name: 'GET /',
    kind: 'server',
    startMs: 1_795_416_205_522.123,
    durationMs: 80.456,
    error: true,
    attributes: { 'http.route': '/', 'service.instance.id': 'one', 'otel.status_description': 'no stock' },
  }

  const [back] = spanRecords(encodeSpans(stamp, [span])).map(readSpan)

  assert.deepEqual(back, span)
})

test('a log line keeps its own time beside the instant it is filed at', () => {
  const line = {
    level: 'warn',
    text: 'late',
    instance: 'one',
    version: '1',
    traceId: undefined,
    fields: { order: 7 },
  } as const

  const encoded = encodeLogs(stamp, [{ ...line, ns: 5n, at: '2026-01-01T00:00:00.000Z' }])

  const [group] = record(encoded)['resourceLogs'] as { scopeLogs: { logRecords: Record<string, unknown>[] }[] }[]
  const [sent] = group?.scopeLogs[0]?.logRecords ?? []
  assert.deepEqual(
    [sent?.['timeUnixNano'], sent?.['severityNumber'], attributesOf(sent?.['attributes'])],
    ['5', 13, { 'fairway.at': '2026-01-01T00:00:00.000Z', order: 7 }],
  )
})
