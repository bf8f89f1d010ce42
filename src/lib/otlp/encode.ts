import type { Attributes } from './attributes.ts'
import { levels } from './level.ts'
import type { OtlpLog, RawRecord } from './log-records.ts'
import type { RawPoint } from './metric-points.ts'
import type { OtlpSpan } from './spans.ts'
import { attributeText, list, record } from './attributes.ts'
import { nameOf } from './identifiers.ts'

/** Whose records: the stamp, which stands in place of everything that the sender said of its resource. */
export interface Stamp {
  readonly service: string
  readonly environment: string
  readonly owner: string
}

interface Instance {
  readonly instance?: string | undefined
  readonly version?: string | undefined
}

/** Log records of one origin as an OTLP/JSON request. `ns` is when each is filed; `at` is kept beside it where they differ. */
export function encodeLogs(
  stamp: Stamp,
  lines: readonly (Omit<OtlpLog, 'atMs' | 'fields'> & { ns: bigint; at?: string; fields: Attributes | undefined })[],
): unknown {
  const groups = Map.groupBy(lines, ({ instance, version }) => JSON.stringify([instance, version]))
  const resourceLogs = [...groups.values()].map((group) => ({
    resource: resourceOf(stamp, group[0] ?? {}),
    scopeLogs: [{ logRecords: group.map(logRecord) }],
  }))
  return { resourceLogs }
}

export function encodeSpans(stamp: Stamp, spans: readonly OtlpSpan[]): unknown {
  const groups = Map.groupBy(spans, ({ attributes }) => instanceAttribute(attributes))
  const resourceSpans = [...groups].map(([instance, group]) => ({
    resource: resourceOf(stamp, { instance: instance || undefined }),
    scopeSpans: [{ spans: group.map(spanRecord) }],
  }))
  return { resourceSpans }
}

/** Points of every metric, each with what its kind has and nothing else; exemplars and foreign resources stay behind. */
export function encodePoints(stamp: Stamp, points: readonly RawPoint[]): unknown {
  const byResource = Map.groupBy(points, ({ resource }) => resource)
  const resourceMetrics = [...byResource].map(([resource, group]) => ({
    resource: resourceOf(stamp, instanceOf(resource)),
    scopeMetrics: [{ metrics: [...Map.groupBy(group, ({ metric }) => metric).values()].map(metricRecord) }],
  }))
  return { resourceMetrics }
}

export function instanceOf(resource: RawRecord['resource']): Instance {
  return {
    instance: nameOf(attributeText(resource, 'service.instance.id', 'k8s.pod.name', 'host.name')),
    version: nameOf(attributeText(resource, 'service.version')),
  }
}

function resourceOf({ service, environment, owner }: Stamp, { instance, version }: Instance): unknown {
  return {
    attributes: keyValues({
      'service.name': service,
      'service.namespace': owner,
      'deployment.environment.name': environment,
      ...(instance && { 'service.instance.id': instance }),
      ...(version && { 'service.version': version }),
    }),
  }
}

function instanceAttribute({ 'service.instance.id': instance }: Attributes): string {
  return typeof instance === 'string' ? instance : ''
}

function logRecord({ ns, at, level, text, traceId, fields }: Parameters<typeof encodeLogs>[1][number]): unknown {
  const kept = Object.entries(fields ?? {}).filter(([key]) => !isReserved(key))
  return {
    timeUnixNano: String(ns),
    severityNumber: levels.indexOf(level) * 4 + 1,
    severityText: level,
    body: { stringValue: text },
    attributes: keyValues({ ...(at && { 'fairway.at': at }), ...Object.fromEntries(kept.slice(0, 100)) }),
    ...(traceId && { traceId }),
  }
}

const spanKinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']

function spanRecord({
  traceId,
  spanId,
  parentId,
  name,
  kind,
  startMs,
  durationMs,
  error,
  attributes,
}: OtlpSpan): unknown {
  const { 'otel.status_description': message, ...rest } = attributes
  const kept = Object.entries(rest).filter(([key]) => !isReserved(key))
  return {
    traceId,
    spanId,
    ...(parentId && { parentSpanId: parentId }),
    name,
    kind: Math.max(1, spanKinds.indexOf(kind)),
    startTimeUnixNano: nanosOf(startMs),
    endTimeUnixNano: nanosOf(startMs + durationMs),
    attributes: keyValues(Object.fromEntries(kept)),
    status: error ? { code: 2, ...(typeof message === 'string' && { message }) } : {},
  }
}

const pointFields = [
  'startTimeUnixNano',
  'timeUnixNano',
  'asDouble',
  'asInt',
  'count',
  'sum',
  'bucketCounts',
  'explicitBounds',
]

function metricRecord(points: readonly RawPoint[]): unknown {
  const [first] = points
  const { metric, data, kind } = first as RawPoint
  const dataPoints = points.map(({ point }) => {
    const source = record(point)
    const kept = pointFields.filter((field) => source[field] !== undefined).map((field) => [field, source[field]])
    return { ...Object.fromEntries(kept), attributes: plainOnly(source['attributes']) }
  })
  const meaning =
    kind === 'gauge' ? {} : { aggregationTemporality: data['aggregationTemporality'], isMonotonic: data['isMonotonic'] }
  return {
    name: nameOf(metric['name'], 200),
    unit: nameOf(metric['unit'], 40) ?? '',
    [kind]: { ...meaning, dataPoints },
  }
}

function plainOnly(attributes: unknown): unknown[] {
  return list(attributes)
    .slice(0, 64)
    .flatMap((item) => {
      const key = record(item)['key']
      const value = attributeText([item], String(key))
      if (typeof key !== 'string' || isReserved(key) || value === undefined) return []
      return [{ key: key.slice(0, 200), value: { stringValue: value.slice(0, 1_000) } }]
    })
}

const reserved = new Set(
  'service_name service_namespace service_version service_instance_id deployment_environment_name deployment_environment'
    .concat(' job instance le quantile name trace_id span_id severity_number severity_text detected_level fairway_at')
    .split(' '),
)

/**
 * Whether a store that writes names its own way could take an attribute for part of the stamp: Prometheus gives a
 * point's `service.name` precedence over its resource's.
 */
export function isReserved(key: string): boolean {
  const normal = key
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
  return reserved.has(normal) || reserved.has(normal.replace(/^key_/, ''))
}

function keyValues(values: Readonly<Record<string, unknown>>): unknown[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }))
}

function anyValue(value: unknown): unknown {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (Number.isSafeInteger(value)) return { intValue: String(value as number) }
  if (typeof value === 'number') return { doubleValue: value }
  return { stringValue: JSON.stringify(value ?? null) }
}

function nanosOf(ms: number): string {
  return String(BigInt(Math.round(ms * 1000)) * 1000n)
}
