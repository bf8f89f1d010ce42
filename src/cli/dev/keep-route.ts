import { setTimeout as pause } from 'node:timers/promises'
import { codeOf } from '#errors/platform-error.ts'
import type { LentRoute } from '#model/dev-session.ts'
import { type ApiClient, dataOf } from '../../client/client.ts'

interface RouteOf {
  readonly service: string
  readonly port: number
  readonly proof: string
  readonly note: (text: string) => void
}

const beatMs = 4_000

/** Asks for a name of the gateway and keeps it until `end`. The platform may be away for a while: it is asked again. */
export async function keepRoute(
  api: ApiClient,
  { service, port, proof, note }: RouteOf,
): Promise<{ route: LentRoute; end(): Promise<void> }> {
  const path = { name: service }
  const open = () => dataOf(api.POST('/api/v1/services/{name}/dev/routes', { params: { path }, body: { port, proof } }))
  const first = await open()
  const stop = new AbortController()
  let lease = first.id
  let isLost = false
  const beat = async () => {
    try {
      const params = { path: { ...path, lease } }
      await dataOf(api.PUT('/api/v1/services/{name}/dev/routes/{lease}', { params })).catch(async (error: unknown) => {
        if (codeOf(error) !== 'DEV_ROUTE_ENDED' || stop.signal.aborted) throw error
        lease = (await open()).id
      })
      if (isLost) note(`${first.url} leads here again`)
      isLost = false
    } catch (error) {
      if (!isLost && !stop.signal.aborted) note(`${first.url} may lead nowhere for now: ${(error as Error).message}`)
      isLost = true
    }
  }
  const beating = (async () => {
    while (!stop.signal.aborted) {
      await pause(beatMs, undefined, { signal: stop.signal }).catch(() => {})
      if (!stop.signal.aborted) await beat()
    }
  })()
  return {
    route: first,
    async end() {
      stop.abort()
      await beating
      const params = { path: { ...path, lease } }
      // one that cannot be given back ends by itself
      await dataOf(api.DELETE('/api/v1/services/{name}/dev/routes/{lease}', { params })).catch(() => {})
    },
  }
}
