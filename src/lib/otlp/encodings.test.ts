import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { logRecords, readLog } from './log-records.ts'
import { ExportLogsRequest, ExportMetricsRequest, ExportTraceRequest } from './messages.ts'
import { metricPoints, readPoint } from './metric-points.ts'
import { decodeProtobuf, type Message } from './protobuf.ts'
import { readSpan, spanRecords } from './spans.ts'

// What OpenTelemetry's own serialisers made of the same data, in both encodings.
const exported = JSON.parse(readFileSync(new URL('fixtures/exported.json', import.meta.url), 'utf8')) as Record<
  'logs' | 'metrics' | 'traces',
  { json: unknown; protobuf: string }
>

test('spans read from protobuf are those read from JSON', () => {
  const read = (request: unknown) => spanRecords(request).map(readSpan)

  const spans = read(bytesOf('traces', ExportTraceRequest))

  assert.deepEqual(spans, read(exported.traces.json))
  const [child, root] = spans
  assert.equal(child?.parentId, root?.spanId)
  assert.deepEqual([child?.name, child?.kind, child?.error], ['db', 'client', true])
  assert.equal(child?.attributes['exception.message'], 'no such table')
  assert.equal(child?.attributes['otel.status_description'], 'broken')
  const { 'http.route': route, n, big, neg, ok, f, list } = root?.attributes ?? {}
  assert.deepEqual(
    { route, n, big, neg, ok, f, list },
    {
      route: '/items',
      n: 3,
      big: 2 ** 53 - 1,
      neg: -5,
      ok: true,
      f: 0.25,
      list: ['a', 'b'],
    },
  )
  assert.ok((child?.durationMs ?? 0) > 0 && (child?.durationMs ?? 0) < 1_000)
})

test('metric points read from protobuf are those read from JSON', () => {
  const read = (request: unknown) => metricPoints(request).map(readPoint)

  const points = read(bytesOf('metrics', ExportMetricsRequest))

  assert.deepEqual(points, read(exported.metrics.json))
  const golden = points.filter((point) => point !== 'other' && point !== undefined)
  const seen = golden.map(({ golden: name, label, count, sum }) => [name, label, count, Math.round(sum * 1000) / 1000])
  assert.deepEqual(seen, [
    ['requests', '2xx', 2, 0.502],
    ['requests', '5xx', 1, 3],
    ['memory', '', 1, 73_400_320],
    ['cpu-time', '', 1, 1.5],
    ['cpu-time', '', 1, 0.5],
  ])
  assert.deepEqual(golden[0]?.bounds, [0.005, 0.1, 1])
  assert.deepEqual(golden[0]?.buckets, [1, 0, 1, 0])
  assert.equal(new Set(golden.map(({ series }) => series)).size, 5)
})

test('log records read from protobuf are those read from JSON', () => {
  const read = (request: unknown) => logRecords(request).map(readLog)

  const lines = read(bytesOf('logs', ExportLogsRequest))

  assert.deepEqual(lines, read(exported.logs.json))
  const [failed, structured] = lines
  assert.deepEqual(
    [failed?.level, failed?.text, failed?.instance, failed?.version],
    ['error', 'order failed', 'abc-1', '1.2.3'],
  )
  assert.match(failed?.traceId ?? '', /^[0-9a-f]{32}$/)
  assert.deepEqual(failed?.fields, { order: 7, nested: { a: [1, 'two', { three: true }] } })
  assert.deepEqual([structured?.text, structured?.fields], ['structured', { n: 1 }])
})

function bytesOf(signal: 'logs' | 'metrics' | 'traces', message: Message): unknown {
  return decodeProtobuf(Buffer.from(exported[signal].protobuf, 'base64'), message)
}
