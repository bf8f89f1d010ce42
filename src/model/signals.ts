import { z } from 'zod'
import { Instant } from './names.ts'

export const LogLine = z
  .object({
    /** Opaque, ordered within one service and environment; `after` takes it. */
    cursor: z.string(),
    at: Instant,
    level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
    text: z.string(),
    instance: z.string(),
    version: z.string().optional(),
    traceId: z.string().optional(),
    fields: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'LogLine' })
export type LogLine = z.infer<typeof LogLine>

/** One line of a chart: points are [milliseconds since 1970, value or null for a gap]. */
export const MetricSeries = z
  .object({
    name: z.string(),
    labels: z.record(z.string(), z.string()),
    unit: z.string(),
    points: z.array(z.tuple([z.number(), z.number().nullable()])),
  })
  .meta({ id: 'MetricSeries' })
export type MetricSeries = z.infer<typeof MetricSeries>

export const TraceSummary = z
  .object({
    traceId: z.string(),
    name: z.string(),
    startedAt: Instant,
    durationMs: z.number(),
    spans: z.int(),
    error: z.boolean(),
    services: z.array(z.string()),
  })
  .meta({ id: 'TraceSummary' })
export type TraceSummary = z.infer<typeof TraceSummary>

export const Span = z
  .object({
    spanId: z.string(),
    parentId: z.string().optional(),
    name: z.string(),
    kind: z.string(),
    service: z.string(),
    startedAt: Instant,
    /** Milliseconds behind the start of the first span given, to the microsecond. */
    startMs: z.number(),
    durationMs: z.number(),
    error: z.boolean(),
    attributes: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Span' })
export type Span = z.infer<typeof Span>
