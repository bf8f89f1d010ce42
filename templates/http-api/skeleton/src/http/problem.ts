import { STATUS_CODES } from 'node:http'
import { trace } from '@opentelemetry/api'

export interface Problem {
  readonly status: number
  readonly detail: string
  /** What to correct, field by field, as JSON pointers into the request's body. */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
}

/** An error answer as RFC 9457 writes it, with the trace to look for. */
export function problem({ status, detail, errors }: Problem): Response {
  const traceId = trace.getActiveSpan()?.spanContext().traceId
  const body = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, errors, traceId }
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json' },
  })
}
