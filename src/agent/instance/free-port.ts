import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

const lately = new Map<number, number>()

/** A port of this machine that nothing listens on, and that was not given out within the last half minute. */
export async function freePort(): Promise<number> {
  const now = performance.now()
  for (const [port, at] of lately) if (now - at > 30_000) lately.delete(port)
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    if (lately.has(port)) continue
    lately.set(port, now)
    return port
  }
}
