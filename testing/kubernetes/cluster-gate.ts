import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'

export interface ClusterGate {
  /** A kubeconfig that leads through the gate. */
  readonly kubeconfig: string
  /** Cuts every connection and lets no new one through. */
  close(): void
  open(): void
  /** Cuts every connection; new ones are let through. */
  cut(): void
}

interface KubeconfigFile {
  readonly clusters: { cluster: { server: string } }[]
  readonly users: { user: Record<string, unknown> }[]
}

/** A way to a real API server that can be cut, and put together again. `token` signs in as somebody else. */
export async function clusterGate(
  t: { after(work: () => unknown): void },
  kubeconfig: string,
  { token }: { token?: string } = {},
): Promise<ClusterGate> {
  const config = parse(await readFile(kubeconfig, 'utf8')) as KubeconfigFile
  const target = new URL(config.clusters[0]?.cluster.server ?? '')
  const sockets = new Set<Socket>()
  let isOpen = true
  const server = createServer((client) => {
    if (!isOpen) return void client.destroy()
    const upstream = connect(Number(target.port), target.hostname)
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one)
      one.on('error', () => one.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const folder = await mkdtemp(join(tmpdir(), 'fairway-cluster-gate-'))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  t.after(async () => {
    cut()
    server.close()
    await rm(folder, { recursive: true, force: true })
  })
  for (const { cluster } of config.clusters) {
    cluster.server = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  if (token !== undefined) for (const entry of config.users) entry.user = { token }
  const file = join(folder, 'kubeconfig')
  await writeFile(file, stringify(config), { mode: 0o600 })
  return {
    kubeconfig: file,
    cut,
    open: () => void (isOpen = true),
    close() {
      isOpen = false
      cut()
    },
  }
}
