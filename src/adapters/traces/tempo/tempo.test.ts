import assert from 'node:assert/strict'
import { test } from 'node:test'
import { traceView, waterfall } from '#lib/otlp/trace-view.ts'
import { hostileTexts } from '#ports/hostile-texts.ts'
import { describeProductFaults } from '../../../../testing/product-faults.ts'
import { TempoOptions } from './options.ts'
import { placedSpans, TraceAnswer } from './schema.ts'
import { tempoTraces } from './tempo.ts'
import { printTraceql } from './traceql.ts'

describeProductFaults({
  product: 'Tempo',
  read(url, token) {
    const range = { from: '2026-11-01T10:00:00.000Z', to: '2026-11-01T11:00:00.000Z' }
    const traces = tempoTraces(TempoOptions.parse({ url, token, tenant: 'platform' }), { timeoutMs: 3_000 })
    return traces.list({ service: 'shop', environment: 'dev' }, { range, limit: 10 })
  },
})

const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })
const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64')

test('a trace as the documentation of Tempo writes it is read: ids in base64, names in place of numbers', () => {
  const span = {
    traceId: base64('ab'.repeat(16)),
    spanId: base64('cd'.repeat(8)),
    name: 'GET /cart',
    kind: 'SPAN_KIND_SERVER',
    startTimeUnixNano: '1795416205522000000',
    endTimeUnixNano: '1795416205602000000',
    attributes: [attribute('deployment.environment.name', 'production')],
    status: { code: 'STATUS_CODE_ERROR' },
  }
  const resource = { attributes: [attribute('service.name', 'shop'), attribute('deployment.environment.name', 'dev')] }
  const batch = { resource, scopeSpans: [{ spans: [span] }] }

  for (const answer of [{ batches: [batch] }, { trace: { resourceSpans: [batch] } }]) {
    const spans = placedSpans(TraceAnswer.parse(answer), 'deployment.environment.name')

    const seen = waterfall(traceView(spans, { service: 'shop', environment: 'dev' }) ?? [])
    assert.deepEqual(
      seen.map(({ spanId, name, kind, error, durationMs }) => [spanId, name, kind, error, durationMs]),
      [['cd'.repeat(8), 'GET /cart', 'server', true, 80]],
    )
    assert.equal(traceView(spans, { service: 'shop', environment: 'production' }), undefined)
  }
})

test('whatever a name holds, a search stays one pair of braces with that name in quotes', () => {
  for (const text of hostileTexts) {
    const query = printTraceql({ resource: { 'service.name': text }, errorsOnly: true, minDurationMs: 1.5 })

    const quoted = JSON.stringify(text.toWellFormed())
    assert.equal(query, `{ resource.service.name = ${quoted} && status = error && duration >= 1500us }`)
  }
})
