import { z } from 'zod'
import { Name } from '#model/names.ts'
import { LogLine, MetricsAsCode, MetricSeries, Span, TraceSummary } from '#model/signals.ts'
import { route } from '../route.ts'
import { ServiceParams } from './shared.ts'

/** Also `me`, what the caller runs with `fairway dev`, and `me-<person>`. */
const InEnvironment = z.object({ environment: z.union([Name, z.string().regex(/^me-[a-z][a-z0-9-]{0,38}[a-z0-9]$/)]) })

const Range = z.object({
  /** Minutes back from now. */ minutes: z.coerce.number().int().min(1).max(10_080).default(60),
})

export const serviceLogs = route({
  id: 'signals.logs',
  method: 'GET',
  path: '/api/v1/services/:name/logs',
  summary: 'Log lines, oldest first; `after` takes the cursor of the last line seen, to follow',
  access: 'signed-in',
  params: ServiceParams,
  query: InEnvironment.extend({
    after: z.string().max(40).optional(),
    before: z.string().max(40).optional(),
    limit: z.coerce.number().int().min(1).max(5_000).default(500),
    level: LogLine.shape.level.optional(),
    contains: z.string().max(200).optional(),
    traceId: z
      .string()
      .regex(/^[0-9a-f]{32}$/)
      .optional(),
  }),
  reply: z.object({ items: z.array(LogLine) }),
})

export const serviceMetrics = route({
  id: 'signals.metrics',
  method: 'GET',
  path: '/api/v1/services/:name/metrics',
  summary: 'Golden signals: requests, errors, latency, memory, cpu; the dashboard and the alert rules deployed with it',
  access: 'signed-in',
  params: ServiceParams,
  query: InEnvironment.extend(Range.shape).extend({ points: z.coerce.number().int().min(10).max(500).default(120) }),
  reply: z.object({
    series: z.array(MetricSeries),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    /** Absent where the operator asked for neither. */
    asCode: MetricsAsCode.optional(),
  }),
})

export const serviceTraces = route({
  id: 'signals.traces',
  method: 'GET',
  path: '/api/v1/services/:name/traces',
  summary: 'Recent traces, newest first',
  access: 'signed-in',
  params: ServiceParams,
  query: InEnvironment.extend(Range.shape).extend({
    limit: z.coerce.number().int().min(1).max(200).default(50),
    errorsOnly: z.stringbool().optional(),
    minDurationMs: z.coerce.number().min(0).optional(),
  }),
  reply: z.object({ items: z.array(TraceSummary) }),
})

export const serviceTrace = route({
  id: 'signals.trace',
  method: 'GET',
  path: '/api/v1/services/:name/traces/:traceId',
  summary: 'The spans of one trace',
  access: 'signed-in',
  params: ServiceParams.extend({ traceId: z.string().regex(/^[0-9a-f]{32}$/) }),
  query: InEnvironment,
  reply: z.object({ spans: z.array(Span) }),
})
