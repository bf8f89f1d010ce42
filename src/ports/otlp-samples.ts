import { randomBytes } from 'node:crypto'
import type { SignalScope } from './signals.ts'

/** OTLP/JSON requests for the contract suites of logs, metrics and traces, and for the tests of their receivers. */
export interface SampleLine {
  readonly text: string
  readonly severity?: number
  readonly at?: number
  readonly traceId?: string
  readonly fields?: Record<string, string>
}

export interface SampleSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentId?: string
  readonly name: string
  readonly kind?: number
  readonly startMs: number
  readonly durationMs: number
  readonly failed?: boolean
}

/** A value of a counter or a histogram at an instant. */
export interface SampleRequests {
  readonly fromMs: number
  readonly toMs: number
  readonly temporality: 'delta' | 'cumulative'
  /** Counts per bucket by status code. */
  readonly statuses: Readonly<Record<string, readonly number[]>>
  readonly bounds: readonly number[]
}

export function logsRequest(lines: readonly SampleLine[], resource: Record<string, string> = {}): unknown {
  const logRecords = lines.map(({ text, severity = 9, at = Date.now(), traceId, fields = {} }) => ({
    timeUnixNano: nanos(at),
    severityNumber: severity,
    body: { stringValue: text },
    attributes: attributes(fields),
    ...(traceId && { traceId }),
  }))
  return { resourceLogs: [{ resource: resourceOf(resource), scopeLogs: [{ logRecords }] }] }
}

export function tracesRequest(samples: readonly SampleSpan[], resource: Record<string, string> = {}): unknown {
  const spans = samples.map(({ traceId, spanId, parentId, name, kind = 2, startMs, durationMs, failed }) => ({
    traceId,
    spanId,
    ...(parentId && { parentSpanId: parentId }),
    name,
    kind,
    startTimeUnixNano: nanos(startMs),
    endTimeUnixNano: nanos(startMs + durationMs),
    attributes: attributes({ 'http.request.method': 'GET' }),
    status: failed ? { code: 2 } : {},
  }))
  return { resourceSpans: [{ resource: resourceOf(resource), scopeSpans: [{ spans }] }] }
}

export function requestsMetric(
  { fromMs, toMs, temporality, statuses, bounds }: SampleRequests,
  instance = 'one',
): unknown {
  const dataPoints = Object.entries(statuses).map(([status, buckets]) => ({
    startTimeUnixNano: nanos(fromMs),
    timeUnixNano: nanos(toMs),
    count: String(buckets.reduce((sum, count) => sum + count, 0)),
    sum: 1,
    bucketCounts: buckets.map(String),
    explicitBounds: bounds,
    attributes: [{ key: 'http.response.status_code', value: { intValue: status } }],
  }))
  const histogram = { aggregationTemporality: temporality === 'delta' ? 1 : 2, dataPoints }
  return metricsRequest([{ name: 'http.server.request.duration', unit: 's', histogram }], instance)
}

export function processMetrics(
  { fromMs, toMs, memory, cpuSeconds }: { fromMs: number; toMs: number; memory: number; cpuSeconds: number },
  instance = 'one',
): unknown {
  const time = { startTimeUnixNano: nanos(fromMs), timeUnixNano: nanos(toMs) }
  const modes = ['user', 'system'].map((mode) => ({
    ...time,
    asDouble: cpuSeconds / 2,
    attributes: attributes({ 'cpu.mode': mode }),
  }))
  return metricsRequest(
    [
      {
        name: 'process.memory.usage',
        unit: 'By',
        sum: { aggregationTemporality: 2, dataPoints: [{ ...time, asInt: String(memory) }] },
      },
      { name: 'process.cpu.time', unit: 's', sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: modes } },
    ],
    instance,
  )
}

export interface SampleScopes {
  readonly mine: SignalScope
  readonly other: SignalScope
  readonly elsewhere: SignalScope
}

/**
 * Two services in one environment and one of them in another: what belongs to one scope is foreign to the others. Their
 * names are new each time, so that a suite runs beside other data and twice against the same store.
 */
export function freshScopes(): SampleScopes {
  const mark = randomBytes(5).toString('hex')
  const [service, environment] = [`shop-${mark}`, 'dev']
  return {
    mine: { service, environment },
    other: { service: `vault-${mark}`, environment },
    elsewhere: { service, environment: 'production' },
  }
}

function metricsRequest(metrics: readonly unknown[], instance: string): unknown {
  return {
    resourceMetrics: [{ resource: resourceOf({ 'service.instance.id': instance }), scopeMetrics: [{ metrics }] }],
  }
}

function resourceOf(named: Record<string, string>): unknown {
  return { attributes: attributes({ 'service.instance.id': 'one', 'service.version': '1.2.3', ...named }) }
}

function attributes(values: Record<string, string>): unknown[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: { stringValue: value } }))
}

function nanos(ms: number): string {
  return String(BigInt(Math.round(ms * 1000)) * 1000n)
}
