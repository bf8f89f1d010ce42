import { setTimeout as pause } from 'node:timers/promises'
import { codeOf } from '#errors/platform-error.ts'
import type { LentRoute } from '#model/dev-session.ts'
import { type ApiClient, dataOf } from '../../client/client.ts'

interface RouteOf {
  readonly service: string
  readonly port: number
  readonly proof: string
  readonly note: (text: string) => void
  readonly everyMs?: number
}

/** Asks for a name of the gateway and keeps it until `end`. The platform may be away for a while: it is asked again. */
export async function keepRoute(
  api: ApiClient,
  { service, port, proof, note, everyMs = 4_000 }: RouteOf,
): Promise<{ route: LentRoute; end(): Promise<void> }> {
  const path = { name: service }
  const open = () => dataOf(api.POST('/api/v1/services/{name}/dev/routes', { params: { path }, body: { port, proof } }))
  const first = await open()
  const stop = new AbortController()
  let lease = first.id
  let url = first.url
  let isLost = false
  const beat = async () => {
    try {
      const params = { path: { ...path, lease } }
      await dataOf(api.PUT('/api/v1/services/{name}/dev/routes/{lease}', { params })).catch(async (error: unknown) => {
        if (codeOf(error) !== 'DEV_ROUTE_ENDED' || stop.signal.aborted) throw error
        const again = await open()
        lease = again.id
        if (again.url === url) return
        // in between somebody else may have got the short name, or given it back
        note(again.heldBy ? `${url} is ${again.heldBy}'s now; here leads ${again.url}` : `${again.url} leads here now`)
        url = again.url
        isLost = false
      })
      if (isLost) note(`${url} leads here again`)
      isLost = false
    } catch (error) {
      if (!isLost && !stop.signal.aborted) note(`${url} may lead nowhere for now: ${(error as Error).message}`)
      isLost = true
    }
  }
  const beating = (async () => {
    while (!stop.signal.aborted) {
      await pause(everyMs, undefined, { signal: stop.signal }).catch(() => {})
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
