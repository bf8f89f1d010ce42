import { codeOf } from '#errors/platform-error.ts'
import { digestOf } from '#lib/digest.ts'
import type { ConnectionCheck } from '#ports/connection-check.ts'
import { registryConnection } from './connection.ts'
import { ociRegistry } from './oci-registry.ts'
import type { OciRegistryOptions } from './options.ts'

/** Where the check writes two bytes that are always the same: a repository that no service can have. */
const place = 'fairway/connection-check'

/** Tries to reach the registry, to push and to pull, and says how referrers are kept. */
export async function checkConnection(options: OciRegistryOptions): Promise<readonly ConnectionCheck[]> {
  const store = ociRegistry(options)
  const empty = Buffer.from('{}')
  const digest = digestOf(empty)
  const ask = registryConnection(options)
  return [
    await tried('reach the registry', async () => {
      await ask({ method: 'GET', path: '/v2/', name: place, access: 'pull' })
      return `${options.url} answers`
    }),
    await tried('push', async () => {
      await store.putBlob(place, digest, empty)
      return `a blob of two bytes lies in ${place}`
    }),
    await tried('pull', async () => {
      await store.hasBlob(place, digest)
      return `${place} can be read`
    }),
    await tried('referrers', async () => {
      const path = `/v2/${place}/referrers/${digest}`
      const answer = await ask({ method: 'GET', path, name: place, access: 'pull', accept: [400, 404, 405] })
      await answer.body?.cancel()
      return answer.status < 300 ? 'by the registry’s own API' : 'kept under tags: this registry has no referrers API'
    }),
  ]
}

async function tried(check: string, work: () => Promise<string>): Promise<ConnectionCheck> {
  try {
    return { check, state: 'ok', found: await work() }
  } catch (error) {
    const refused = codeOf(error) === 'PRODUCT_FORBIDDEN' || codeOf(error) === 'PRODUCT_UNAUTHORISED'
    const found = error instanceof Error ? error.message : 'it failed'
    const hint = 'give the credential of fairway.yaml the right to pull and push in every team’s repositories'
    return { check, state: refused ? 'missing' : 'problem', found, ...(refused && { hint }) }
  }
}
