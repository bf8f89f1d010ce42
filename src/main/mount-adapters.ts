import type { FastifyInstance } from 'fastify'
import { agentSecretRoutes } from '#adapters/secrets/local/agent-routes.ts'
import type { Composed } from './compose.ts'
import { mountSignals } from './mount-signals.ts'

/**
 * Mounts what the adapters behind the ports need: the embedded ones Git over HTTP, the agent's way to values of secrets
 * and the receiver of signals; products the receivers of their own calls. Gives the stop.
 */
export async function mountAdapters(
  app: FastifyInstance,
  { platform, embedded, routes }: Composed,
  { otlpSecret, secretsKey }: { otlpSecret: string; secretsKey: string },
): Promise<() => Promise<void>> {
  if (embedded.gitHost) await app.register(embedded.gitHost.routes, { prefix: '/git' })
  for (const { prefix, plugin } of routes) await app.register(plugin, { prefix })
  if (embedded.agent) {
    const secrets = agentSecretRoutes({ secrets: embedded.secrets, db: platform.db, token: secretsKey })
    await app.register(secrets, { prefix: '/agent/secrets' })
  }
  if (!embedded.signals) return async () => {}
  const { secrets, signals: intakes } = embedded
  return mountSignals(app, { platform, otlpSecret, intakes, maskOf: secrets.maskOf })
}
