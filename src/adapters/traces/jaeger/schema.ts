import { z } from 'zod'

const Tag = z.object({ key: z.string(), value: z.unknown() })

const Span = z.object({
  spanID: z.string(),
  operationName: z.string(),
  references: z.array(z.object({ refType: z.string(), traceID: z.string(), spanID: z.string() })).nullish(),
  /** Microseconds since 1970. */
  startTime: z.number(),
  duration: z.number(),
  tags: z.array(Tag).nullish(),
  logs: z.array(z.object({ fields: z.array(Tag).nullish() })).nullish(),
  processID: z.string(),
})

const Trace = z.object({
  traceID: z.string(),
  spans: z.array(Span).nullish(),
  processes: z.record(z.string(), z.object({ serviceName: z.string(), tags: z.array(Tag).nullish() })).nullish(),
})

/** What we read of `/api/traces` and `/api/traces/{id}`. */
export const TracesAnswer = z.object({ data: z.array(Trace).nullish() })
export type JaegerTrace = z.infer<typeof Trace>
export type JaegerSpan = z.infer<typeof Span>
