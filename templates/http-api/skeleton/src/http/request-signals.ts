import { context, metrics, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_URL_PATH,
  ATTR_URL_SCHEME,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
} from '@opentelemetry/semantic-conventions'
import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { serviceName } from '../config.ts'
import type { Log } from '../log.ts'

/** Each request becomes a span, a point of the duration histogram and a log line, named as OpenTelemetry's HTTP conventions say. */
export function requestSignals(log: Log): MiddlewareHandler {
  const tracer = trace.getTracer(serviceName)
  const durations = metrics.getMeter(serviceName).createHistogram(METRIC_HTTP_SERVER_REQUEST_DURATION, {
    description: 'Duration of HTTP server requests.',
    unit: 's',
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] },
  })
  return async (c, next) => {
    const started = performance.now()
    const caller = propagation.extract(context.active(), c.req.header())
    const known = { [ATTR_HTTP_REQUEST_METHOD]: c.req.method, [ATTR_URL_SCHEME]: 'http' }
    const attributes = { ...known, [ATTR_URL_PATH]: c.req.path }
    const span = tracer.startSpan(c.req.method, { kind: SpanKind.SERVER, attributes }, caller)
    await context.with(trace.setSpan(caller, span), async () => {
      await next()
      const seconds = (performance.now() - started) / 1000
      const outcome = outcomeOf(c)
      const route = outcome[ATTR_HTTP_ROUTE]
      if (route) span.updateName(`${c.req.method} ${route}`)
      if (c.res.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
      span.setAttributes(outcome).end()
      durations.record(seconds, { ...known, ...outcome })
      const { method, path } = c.req
      log.info('request', { method, path, route, status: c.res.status, duration_ms: Math.round(seconds * 1e5) / 100 })
    })
  }
}

/** Few values by nature, so the metric cannot grow without bound: the route's pattern, never the path. */
function outcomeOf(c: Context): { [ATTR_HTTP_ROUTE]?: string } & Record<string, string | number> {
  const status = c.res.status
  const route = matchedRoutes(c).findLast(({ path }) => !path.endsWith('*'))?.path
  return {
    [ATTR_HTTP_RESPONSE_STATUS_CODE]: status,
    ...(route && { [ATTR_HTTP_ROUTE]: route }),
    ...(status >= 500 && { [ATTR_ERROR_TYPE]: c.error?.name ?? String(status) }),
  }
}
