import { type Attributes, attributesOf, attributeText, cutAttributes, list, millisOf, record } from './attributes.ts'
import { cleanLine, cutText, storable } from './clean-text.ts'
import { hexOf, nameOf } from './identifiers.ts'
import type { RawRecord } from './log-records.ts'

export interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string | undefined
  readonly name: string
  readonly kind: string
  readonly startMs: number
  readonly durationMs: number
  readonly error: boolean
  readonly attributes: Attributes
}

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer']
const maxAttributeBytes = 16_384

/** Every span of an ExportTraceServiceRequest, not yet looked into. */
export function spanRecords(request: unknown): RawRecord[] {
  return list(record(request)['resourceSpans']).flatMap((group) => {
    const resource = record(record(group)['resource'])['attributes']
    return list(record(group)['scopeSpans']).flatMap((scope) =>
      list(record(scope)['spans']).map((item) => ({ resource, record: item })),
    )
  })
}

/** Undefined where ids or times are missing or impossible. */
export function readSpan({ resource, record: raw }: RawRecord): OtlpSpan | undefined {
  const source = record(raw)
  const traceId = hexOf(source['traceId'], 32)
  const spanId = hexOf(source['spanId'], 16)
  const startMs = millisOf(source['startTimeUnixNano'])
  const endMs = millisOf(source['endTimeUnixNano'])
  if (!traceId || !spanId || startMs === undefined || endMs === undefined || endMs < startMs) return undefined
  const status = record(source['status'])
  return {
    traceId,
    spanId,
    parentId: hexOf(source['parentSpanId'], 16),
    name: nameOf(source['name'], 300) ?? 'unnamed',
    kind: kinds[Number(source['kind'])] ?? 'internal',
    startMs,
    durationMs: Math.round((endMs - startMs) * 1000) / 1000,
    error: Number(status['code']) === 2,
    attributes: cutAttributes(
      { ...extras(resource, source, status), ...attributesOf(source['attributes']) },
      maxAttributeBytes,
    ),
  }
}

// What helps to read a failed span: which process, what it said of itself, the exception it recorded.
function extras(resource: unknown, source: Record<string, unknown>, status: Record<string, unknown>): Attributes {
  const instance = nameOf(attributeText(resource, 'service.instance.id'))
  const description =
    typeof status['message'] === 'string' ? cleanLine(cutText(storable(status['message']), 2_000)) : ''
  const exception = list(source['events']).find((event) => record(event)['name'] === 'exception')
  return {
    ...(instance && { 'service.instance.id': instance }),
    ...(description && { 'otel.status_description': description }),
    ...(exception !== undefined && attributesOf(record(exception)['attributes'])),
  }
}
