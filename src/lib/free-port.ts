import { once } from 'node:events'
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

const lately = new Map<number, number>()
/** Below the ports that systems give to outgoing connections, which could take one between this answer and its use. */
const range = [20_000, 30_000] as const

/** A port of this machine that nothing listens on, and that was not given out within the last half minute. */
export async function freePort(): Promise<number> {
  const now = performance.now()
  for (const [port, at] of lately) if (now - at > 30_000) lately.delete(port)
  for (;;) {
    const port = randomInt(...range)
    if (lately.has(port) || !(await isFree(port))) continue
    lately.set(port, now)
    return port
  }
}

/** Whether nothing of this machine listens on it. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
