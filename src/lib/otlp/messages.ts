import type { Field, Kind, Message } from './protobuf.ts'

/*
 * The fields of opentelemetry-proto 1.x that Fairway reads, by number
 * (https://github.com/open-telemetry/opentelemetry-proto/tree/v1.7.0/opentelemetry/proto). Others are skipped.
 */

const AnyValue: Message = {
  1: one('stringValue', 'string'),
  2: one('boolValue', 'bool'),
  3: one('intValue', 'int'),
  4: one('doubleValue', 'float64'),
  5: one('arrayValue', () => ArrayValue),
  6: one('kvlistValue', () => KeyValueList),
  7: one('bytesValue', 'hex'),
}
const ArrayValue: Message = { 1: many('values', () => AnyValue) }
const KeyValue: Message = { 1: one('key', 'string'), 2: one('value', () => AnyValue) }
const KeyValueList: Message = { 1: many('values', () => KeyValue) }
const Resource: Message = { 1: many('attributes', () => KeyValue) }

const LogRecord: Message = {
  1: one('timeUnixNano', 'uint64'),
  2: one('severityNumber', 'varint'),
  3: one('severityText', 'string'),
  5: one('body', () => AnyValue),
  6: many('attributes', () => KeyValue),
  9: one('traceId', 'hex'),
  10: one('spanId', 'hex'),
  11: one('observedTimeUnixNano', 'uint64'),
}
const ScopeLogs: Message = { 2: many('logRecords', () => LogRecord) }
const ResourceLogs: Message = { 1: one('resource', () => Resource), 2: many('scopeLogs', () => ScopeLogs) }
export const ExportLogsRequest: Message = { 1: many('resourceLogs', () => ResourceLogs) }

const NumberDataPoint: Message = {
  2: one('startTimeUnixNano', 'uint64'),
  3: one('timeUnixNano', 'uint64'),
  4: one('asDouble', 'float64'),
  6: one('asInt', 'sint64'),
  7: many('attributes', () => KeyValue),
}
const HistogramDataPoint: Message = {
  2: one('startTimeUnixNano', 'uint64'),
  3: one('timeUnixNano', 'uint64'),
  4: one('count', 'uint64'),
  5: one('sum', 'float64'),
  6: many('bucketCounts', 'uint64'),
  7: many('explicitBounds', 'float64'),
  9: many('attributes', () => KeyValue),
}
const Gauge: Message = { 1: many('dataPoints', () => NumberDataPoint) }
const Sum: Message = {
  1: many('dataPoints', () => NumberDataPoint),
  2: one('aggregationTemporality', 'varint'),
  3: one('isMonotonic', 'bool'),
}
const Histogram: Message = {
  1: many('dataPoints', () => HistogramDataPoint),
  2: one('aggregationTemporality', 'varint'),
}
const Uncounted: Message = { 1: many('dataPoints', () => ({})) }
const Metric: Message = {
  1: one('name', 'string'),
  3: one('unit', 'string'),
  5: one('gauge', () => Gauge),
  7: one('sum', () => Sum),
  9: one('histogram', () => Histogram),
  10: one('exponentialHistogram', () => Uncounted),
  11: one('summary', () => Uncounted),
}
const ScopeMetrics: Message = { 2: many('metrics', () => Metric) }
const ResourceMetrics: Message = { 1: one('resource', () => Resource), 2: many('scopeMetrics', () => ScopeMetrics) }
export const ExportMetricsRequest: Message = { 1: many('resourceMetrics', () => ResourceMetrics) }

const Event: Message = { 2: one('name', 'string'), 3: many('attributes', () => KeyValue) }
const Status: Message = { 2: one('message', 'string'), 3: one('code', 'varint') }
const Span: Message = {
  1: one('traceId', 'hex'),
  2: one('spanId', 'hex'),
  4: one('parentSpanId', 'hex'),
  5: one('name', 'string'),
  6: one('kind', 'varint'),
  7: one('startTimeUnixNano', 'uint64'),
  8: one('endTimeUnixNano', 'uint64'),
  9: many('attributes', () => KeyValue),
  11: many('events', () => Event),
  15: one('status', () => Status),
}
const ScopeSpans: Message = { 2: many('spans', () => Span) }
const ResourceSpans: Message = { 1: one('resource', () => Resource), 2: many('scopeSpans', () => ScopeSpans) }
export const ExportTraceRequest: Message = { 1: many('resourceSpans', () => ResourceSpans) }

function one(name: string, kind: Kind | (() => Message)): Field {
  return { name, kind }
}

function many(name: string, kind: Kind | (() => Message)): Field {
  return { name, kind, repeated: true }
}
