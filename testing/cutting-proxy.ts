import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface CuttingProxy {
  readonly port: number
  /**
   * From now on ends a connection instead of passing on an answer for which this says yes: the work behind it is done.
   * It is asked for each piece as it comes: a long answer may come in several. `request` is the first line of what is answered.
   */
  cut(when: (answer: Buffer, request: string) => boolean): void
  /** How many answers were lost until now. */
  lost(): number
}

/** A TCP proxy to a port of this machine that loses answers: what was asked for happened, and nobody hears of it. */
export async function cuttingProxy(t: { after(work: () => unknown): void }, target: number): Promise<CuttingProxy> {
  let when: (answer: Buffer, request: string) => boolean = () => false
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
    let request = ''
    client.on('data', (sent: Buffer) => void (request = firstLine(sent) ?? request))
    client.pipe(upstream)
    upstream.on('data', (answer: Buffer) => {
      if (!when(answer, request)) return void client.write(answer)
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

function firstLine(sent: Buffer): string | undefined {
  return /^[A-Z]+ \S+ HTTP\/1\.1(?=\r\n)/.exec(sent.toString('latin1'))?.[0]
}
