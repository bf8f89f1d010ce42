import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface CuttingProxy {
  readonly port: number
  /** From now on ends a connection instead of passing on an answer for which this says yes: the work behind it is done. */
  cut(when: (answer: Buffer) => boolean): void
  /** How many answers were lost until now. */
  lost(): number
}

/** A TCP proxy to a port of this machine that loses answers: what was asked for happened, and nobody hears of it. */
export async function cuttingProxy(t: { after(work: () => unknown): void }, target: number): Promise<CuttingProxy> {
  let when: (answer: Buffer) => boolean = () => false
  let lost = 0
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', end)
      socket.on('close', () => {
        open.delete(socket)
        end()
      })
    }
    client.pipe(upstream)
    upstream.on('data', (answer: Buffer) => {
      if (!when(answer)) return void client.write(answer)
      lost += 1
      end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    cut: (next) => void (when = next),
    lost: () => lost,
  }
}
