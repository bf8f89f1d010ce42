import { cutAttributes, type Plain } from '#lib/otlp/attributes.ts'
import { hexOf, nameOf } from '#lib/otlp/identifiers.ts'
import type { PlacedSpan } from '#lib/otlp/trace-view.ts'
import type { JaegerSpan, JaegerTrace } from './schema.ts'

type Tags = readonly { key: string; value?: unknown }[] | null | undefined

const internal = new Set(['span.kind', 'error', 'otel.status_code'])
const maxAttributeBytes = 16_384

/**
 * Spans of one trace with the service and environment of their process. A span's own tags never place it: a workload
 * writes those, the process comes from the stamp.
 */
export function placedSpans({ traceID, spans, processes }: JaegerTrace, environmentAttribute: string): PlacedSpan[] {
  const traceId = traceIdOf(traceID)
  return (spans ?? []).flatMap((span) => {
    const process = processes?.[span.processID]
    const spanId = hexOf(span.spanID.padStart(16, '0'), 16)
    const environment = textOf(process?.tags, environmentAttribute)
    if (!process || !traceId || !spanId || environment === undefined) return []
    return [
      {
        ...timesOf(span),
        traceId,
        spanId,
        parentId: parentOf(span, traceID),
        name: nameOf(span.operationName, 300) ?? 'unnamed',
        kind: textOf(span.tags, 'span.kind') ?? 'internal',
        error: String(valueOf(span.tags, 'error')) === 'true',
        attributes: attributesOf(span, process.tags),
        service: process.serviceName,
        environment,
      },
    ]
  })
}

/** 32 hex digits: Jaeger leaves leading zeros out. */
export function traceIdOf(text: string): string | undefined {
  return hexOf(text.padStart(32, '0'), 32)
}

function timesOf({ startTime, duration }: JaegerSpan) {
  return { startMs: startTime / 1000, durationMs: duration / 1000 }
}

function parentOf({ references }: JaegerSpan, traceID: string): string | undefined {
  const parent = references?.find((one) => one.refType === 'CHILD_OF' && one.traceID === traceID)
  return parent && hexOf(parent.spanID.padStart(16, '0'), 16)
}

function attributesOf({ tags, logs }: JaegerSpan, process: Tags) {
  const exception = logs?.find(({ fields }) => fields?.some(({ value }) => value === 'exception'))?.fields ?? []
  const instance = textOf(process, 'service.instance.id')
  const all = [...exception.filter(({ key }) => key !== 'event'), ...(tags ?? [])].filter(
    ({ key }) => !internal.has(key),
  )
  const known = Object.fromEntries(all.map(({ key, value }) => [key, value as Plain]))
  return cutAttributes({ ...(instance && { 'service.instance.id': instance }), ...known }, maxAttributeBytes)
}

function valueOf(tags: Tags, key: string): unknown {
  return tags?.find((tag) => tag.key === key)?.value
}

function textOf(tags: Tags, key: string): string | undefined {
  const value = valueOf(tags, key)
  return typeof value === 'string' ? value : undefined
}
