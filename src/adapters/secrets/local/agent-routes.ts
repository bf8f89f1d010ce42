import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { codeOf, kindOf, PlatformError } from '#errors/platform-error.ts'
import { Name } from '#model/names.ts'
import { appendAudit } from '#store/audit.ts'
import type { Database } from '#store/database.ts'
import type { LocalSecrets } from './local.ts'

export interface AgentSecretRoutesOptions {
  readonly secrets: Pick<LocalSecrets, 'all' | 'values'>
  readonly db: Database
  /** The agent's, and nobody else's. */
  readonly token: string
}

const Place = z.strictObject({ owner: Name, service: Name, environment: Name })

/** How the embedded agent gets values: the only way any leave the vault, written down each time. */
export function agentSecretRoutes({ secrets, db, token }: AgentSecretRoutesOptions): FastifyPluginAsync {
  return async (app) => {
    app.addHook('onRequest', async (request, reply) => {
      void reply.header('cache-control', 'no-store')
      if (isAllowed(request.headers.authorization, token)) return
      throw new PlatformError('NOT_SIGNED_IN', 'only the agent asks here')
    })
    // The server's own words for errors may quote what was sent; these never do.
    app.setErrorHandler((error, _request, reply) => {
      const known = codeOf(error) !== undefined ? (error as PlatformError) : undefined
      const code = known?.code ?? 'INTERNAL'
      return reply.status(known ? kindOf(known).status : 500).send({ code, detail: known?.message ?? 'it failed' })
    })
    app.post('/versions', async () => ({
      items: (await secrets.all()).map(({ owner, service, environment, name, version }) => ({
        owner,
        service,
        environment,
        name,
        version,
      })),
    }))
    app.post('/values', async (request) => {
      const place = Place.safeParse(request.body)
      if (!place.success) throw new PlatformError('INPUT_INVALID', 'name owner, service and environment')
      const items = (await secrets.values(place.data)).map(({ name, version, value }) => ({ name, version, value }))
      const versions = Object.fromEntries(items.map(({ name, version }) => [name, version]))
      await appendAudit(db, {
        actor: 'agent',
        action: 'secret.deliver',
        object: `service:${place.data.service}`,
        phase: 'act',
        result: 'ok',
        detail: { environment: place.data.environment, versions },
      })
      return { items }
    })
  }
}

function isAllowed(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`))
}
