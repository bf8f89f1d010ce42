import { z } from 'zod'
import { attributeText, list, record } from '#lib/otlp/attributes.ts'
import { type OtlpSpan, readSpan } from '#lib/otlp/spans.ts'
import type { PlacedSpan } from '#lib/otlp/trace-view.ts'

/** What we read of `/api/search`. */
export const SearchAnswer = z.object({ traces: z.array(z.object({ traceID: z.string() })).nullish() })

const Groups = z.object({ batches: z.array(z.unknown()).optional(), resourceSpans: z.array(z.unknown()).optional() })

/** What we read of `/api/traces/{id}`: OTLP under one name or the other, bare or within `trace`. */
export const TraceAnswer = Groups.extend({ trace: Groups.nullish() })

/** Spans with the service and environment of their resource; a span's own attributes never place it. */
export function placedSpans(answer: z.infer<typeof TraceAnswer>, environmentAttribute: string): PlacedSpan[] {
  const groups = [answer, answer.trace ?? {}].flatMap((part) => [
    ...(part.batches ?? []),
    ...(part.resourceSpans ?? []),
  ])
  return groups.flatMap((group) => {
    const resource = record(record(group)['resource'])['attributes']
    const service = attributeText(resource, 'service.name')
    const environment = attributeText(resource, environmentAttribute)
    if (service === undefined || environment === undefined) return []
    const scopes = [...list(record(group)['scopeSpans']), ...list(record(group)['instrumentationLibrarySpans'])]
    const spans = scopes.flatMap((scope) => list(record(scope)['spans']))
    return spans
      .map((span) => readSpan({ resource, record: canonical(record(span)) }))
      .filter((span): span is OtlpSpan => span !== undefined)
      .map((span) => ({ ...span, service, environment }))
  })
}

const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']

// Tempo writes protobuf's own JSON: ids in base64 and names in place of numbers; OTLP/JSON has hex and numbers.
function canonical(span: Record<string, unknown>): Record<string, unknown> {
  const { kind } = span
  const status = record(span['status'])
  return {
    ...span,
    traceId: hexId(span['traceId'], 32),
    spanId: hexId(span['spanId'], 16),
    parentSpanId: hexId(span['parentSpanId'], 16),
    kind: typeof kind === 'string' ? kinds.indexOf(kind.replace('SPAN_KIND_', '')) : kind,
    status: { ...status, code: status['code'] === 'STATUS_CODE_ERROR' ? 2 : status['code'] },
  }
}

function hexId(id: unknown, digits: number): unknown {
  if (typeof id !== 'string' || id === '' || (id.length === digits && /^[0-9a-f]+$/i.test(id))) return id
  return Buffer.from(id, 'base64').toString('hex').padStart(digits, '0')
}
