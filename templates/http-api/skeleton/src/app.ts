import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { type Config, serviceName } from './config.ts'
import { openapi } from './http/openapi.ts'
import { problem } from './http/problem.ts'
import { requestSignals } from './http/request-signals.ts'
import { itemRoutes } from './items/item-routes.ts'
import type { Log } from './log.ts'
import type { Readiness } from './readiness.ts'

export interface AppParts {
  readonly config: Config
  readonly log: Log
  readonly readiness: Readiness
}

/** All routes of the service. Start telemetry first: the signals go where it points at this moment. */
export function createApp({ config, log, readiness }: AppParts): Hono {
  const app = new Hono()
  const document = openapi()
  const greeting = {
    greeting: `${config.greeting} from ${serviceName}`,
    name: serviceName,
    version: config.version,
    environment: config.environment,
  }

  // Before the signals on purpose: probes every few seconds would bury the real requests.
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', (c) => c.json({ status: readiness.state }, readiness.state === 'ready' ? 200 : 503))

  app.use(requestSignals(log))
  app.use(async (c, next) => {
    await next()
    c.header('x-content-type-options', 'nosniff')
    if (readiness.state === 'draining') c.header('connection', 'close')
  })
  app.use(
    bodyLimit({ maxSize: 64 * 1024, onError: () => problem({ status: 413, detail: 'The body is above 64 KiB.' }) }),
  )

  app.get('/', (c) => c.json(greeting))
  app.get('/openapi.json', (c) => c.json(document))
  app.route('/', itemRoutes(log))

  app.notFound((c) => problem({ status: 404, detail: `There is nothing at ${c.req.path}.` }))
  app.onError((error) => {
    if (error instanceof HTTPException) return problem({ status: error.status, detail: error.message })
    log.error('request failed', { error })
    return problem({ status: 500, detail: 'Something failed here. The log has the reason under this trace id.' })
  })
  return app
}
