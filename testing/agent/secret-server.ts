import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import fastify, { type FastifyInstance } from 'fastify'
import { agentSecretRoutes } from '#adapters/secrets/local/agent-routes.ts'
import { type LocalSecrets, localSecrets } from '#adapters/secrets/local/local.ts'
import { testDatabase, type TestDatabase } from '../database.ts'

export interface SecretServer {
  readonly secrets: LocalSecrets
  readonly database: TestDatabase
  /** What agent-source.json says of it. */
  readonly access: { readonly endpoint: string; readonly token: string }
  set(place: { service: string; environment: string }, name: string, value: string): Promise<void>
  /** As a control plane that died. */
  stop(): Promise<void>
}

/** A real vault behind the real routes that the agent asks, of team-a. */
export async function secretServer(t: TestContext): Promise<SecretServer> {
  const database = await testDatabase(t)
  const secrets = localSecrets({ ...database, keys: randomBytes(32).toString('base64url') })
  const token = randomBytes(32).toString('base64url')
  const app = fastify({ forceCloseConnections: true }) as unknown as FastifyInstance
  await app.register(agentSecretRoutes({ secrets, db: database.db, token }), { prefix: '/agent/secrets' })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  t.after(() => app.close())
  return {
    secrets,
    database,
    access: { endpoint: `${url}/agent/secrets`, token },
    async set(place, name, value) {
      await secrets.set({ place: { ...place, owner: 'team-a' }, name, value, by: 'dev' }, AbortSignal.timeout(10_000))
    },
    stop: () => app.close(),
  }
}
