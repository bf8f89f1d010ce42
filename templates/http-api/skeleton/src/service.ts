import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { createAdaptorServer } from '@hono/node-server'
import { createApp } from './app.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import type { Readiness } from './readiness.ts'

export interface Service {
  readonly port: number
  /** Says "not ready", lets traffic move away, finishes the requests in hand within the limit. */
  drain(delayMs: number): Promise<void>
}

/** Listens, and only then says that it is ready. */
export async function startService(config: Config, log: Log): Promise<Service> {
  const readiness: Readiness = { state: 'starting' }
  const app = createApp({ config, log, readiness })
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions: { requestTimeout: 30_000 } })
  server.listen(config.port, config.host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  readiness.state = 'ready'
  log.info('ready', { port, host: config.host, version: config.version, environment: config.environment })

  return {
    port,
    async drain(delayMs) {
      readiness.state = 'draining'
      // Load balancers go on sending for a moment: answer them instead of refusing the connection.
      await wait(delayMs)
      const limit = setTimeout(() => {
        log.warn('requests cut off', { afterMs: config.drain.limitMs })
        if ('closeAllConnections' in server) server.closeAllConnections()
      }, config.drain.limitMs)
      await new Promise((resolve) => server.close(resolve))
      clearTimeout(limit)
    },
  }
}
