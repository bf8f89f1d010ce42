import { createHash } from 'node:crypto'
import { attributesOf, attributeText, list, millisOf, numberOf, record } from './attributes.ts'
import { nameOf } from './identifiers.ts'

/** The signals that become charts; every other metric is received and not kept. */
export type Golden = 'requests' | 'memory' | 'runtime-memory' | 'cpu-time' | 'cpu-share'

export interface RawPoint {
  readonly resource: unknown
  readonly metric: Record<string, unknown>
  readonly data: Record<string, unknown>
  readonly kind: string
  readonly point: unknown
}

export interface OtlpPoint {
  readonly golden: Golden
  /** Status class of `requests`, as `2xx`; empty for the others. */
  readonly label: string
  readonly instance: string
  /** Digest of the metric, the instance and all attributes: what a cumulative value counts on from. */
  readonly series: string
  readonly temporality: 'delta' | 'cumulative' | 'gauge'
  readonly fromMs: number | undefined
  readonly toMs: number
  readonly count: number
  readonly sum: number
  /** Upper bounds in seconds, and one count more than there are bounds. */
  readonly bounds?: readonly number[]
  readonly buckets?: readonly number[]
}

// https://opentelemetry.io/docs/specs/semconv/http/http-metrics/ and …/system/process-metrics/, with their predecessors
const goldenOf: Readonly<Record<string, Golden>> = {
  'http.server.request.duration': 'requests',
  'http.server.duration': 'requests',
  'process.memory.usage': 'memory',
  'process.runtime.memory.usage': 'runtime-memory',
  'process.runtime.jvm.memory.usage': 'runtime-memory',
  'jvm.memory.used': 'runtime-memory',
  'go.memory.used': 'runtime-memory',
  'v8js.memory.heap.used': 'runtime-memory',
  'process.cpu.time': 'cpu-time',
  'process.cpu.utilization': 'cpu-share',
}
const kinds = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary']
const maxBuckets = 64

/** Every data point of an ExportMetricsServiceRequest, not yet looked into. */
export function metricPoints(request: unknown): RawPoint[] {
  return list(record(request)['resourceMetrics']).flatMap((group) => {
    const resource = record(record(group)['resource'])['attributes']
    const metrics = list(record(group)['scopeMetrics']).flatMap((scope) => list(record(scope)['metrics']))
    return metrics.map(record).flatMap((metric) => {
      const kind = kinds.find((name) => metric[name] !== undefined)
      const data = kind === undefined ? {} : record(metric[kind])
      return list(data['dataPoints']).map((point) => ({ resource, metric, data, kind: kind as string, point }))
    })
  })
}

/** A point of a golden signal; `other` when it is none, undefined when it is one and cannot be read. */
export function readPoint(raw: RawPoint): OtlpPoint | 'other' | undefined {
  const golden = goldenOf[String(raw.metric['name'])]
  if (golden === undefined || !Object.hasOwn(goldenOf, String(raw.metric['name']))) return 'other'
  const point = record(raw.point)
  const toMs = wholeMs(point['timeUnixNano'])
  const values = golden === 'requests' ? histogram(raw, point) : scalar(golden, raw, point)
  if (values === undefined || toMs === undefined) return undefined
  const instance = nameOf(attributeText(raw.resource, 'service.instance.id', 'k8s.pod.name', 'host.name')) ?? 'unknown'
  return {
    golden,
    label: golden === 'requests' ? statusClass(point['attributes']) : '',
    instance,
    series: seriesOf(raw.metric['name'], instance, point['attributes']),
    fromMs: wholeMs(point['startTimeUnixNano']),
    toMs,
    ...values,
  }
}

// Whole, so that a point sent again is the same instant after a way through the store.
function wholeMs(nanos: unknown): number | undefined {
  const ms = millisOf(nanos)
  return ms === undefined ? undefined : Math.round(ms)
}

type Values = Pick<OtlpPoint, 'temporality' | 'count' | 'sum' | 'bounds' | 'buckets'>

function histogram({ kind, metric, data }: RawPoint, point: Record<string, unknown>): Values | undefined {
  const temporality = temporalityOf(data)
  const count = numberOf(point['count'])
  const sum = numberOf(point['sum']) ?? 0
  const scale = metric['unit'] === 'ms' ? 0.001 : 1
  const bounds = list(point['explicitBounds']).map((bound) => Number(bound) * scale)
  const buckets = list(point['bucketCounts']).map(Number)
  if (kind !== 'histogram' || !temporality || count === undefined || count < 0) return undefined
  const plain = { temporality, count, sum: sum * scale }
  if (buckets.length === 0) return plain
  const rising = bounds.every((bound, at) => Number.isFinite(bound) && (at === 0 || bound > (bounds[at - 1] as number)))
  const counted = buckets.every((value) => Number.isFinite(value) && value >= 0)
  if (!rising || !counted || buckets.length !== bounds.length + 1 || buckets.length > maxBuckets) return undefined
  return { ...plain, bounds, buckets }
}

function scalar(golden: Golden, { kind, data }: RawPoint, point: Record<string, unknown>): Values | undefined {
  const sum = numberOf(point['asDouble'] ?? point['asInt'])
  if (sum === undefined || (kind !== 'gauge' && kind !== 'sum')) return undefined
  if (golden !== 'cpu-time') return { temporality: 'gauge', count: 1, sum }
  const waiting = attributeText(point['attributes'], 'cpu.mode', 'process.cpu.state', 'state') === 'wait'
  const temporality = kind === 'sum' ? temporalityOf(data) : undefined
  return temporality && { temporality, count: 1, sum: waiting ? 0 : sum }
}

function temporalityOf(data: Record<string, unknown>): 'delta' | 'cumulative' | undefined {
  const value = data['aggregationTemporality']
  if (value === 1 || value === 'AGGREGATION_TEMPORALITY_DELTA') return 'delta'
  return value === 2 || value === 'AGGREGATION_TEMPORALITY_CUMULATIVE' ? 'cumulative' : undefined
}

function statusClass(attributes: unknown): string {
  const status = Number(attributeText(attributes, 'http.response.status_code', 'http.status_code'))
  return status >= 100 && status < 600 ? `${Math.floor(status / 100)}xx` : 'none'
}

function seriesOf(name: unknown, instance: string, attributes: unknown): string {
  const sorted = Object.entries(attributesOf(attributes)).sort(([one], [other]) => (one < other ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([name, instance, sorted]))
    .digest('base64url')
    .slice(0, 22)
}
