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

export const AlertRule = z
  .object({
    name: z.string(),
    /** As Prometheus evaluates it. */
    expression: z.string(),
    /** How long it must hold before it fires, as `300s`. */
    for: z.string(),
    severity: z.string(),
    summary: z.string(),
  })
  .meta({ id: 'AlertRule' })
export type AlertRule = z.infer<typeof AlertRule>

/** What is deployed beside a service for those who watch it. */
export const MetricsAsCode = z
  .object({
    /** Where people open it; absent when none is deployed. */
    dashboard: z.object({ product: z.string(), url: z.url({ protocol: /^https?$/ }) }).optional(),
    /** Empty when none is deployed yet; absent when nobody asked for them. */
    alerts: z.array(AlertRule).optional(),
    /** Why it is not known now. */
    unavailable: z.string().optional(),
  })
  .meta({ id: 'MetricsAsCode' })
export type MetricsAsCode = z.infer<typeof MetricsAsCode>

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
