import { createServer, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { logRecord } from '#agent/logs/log-record.ts'
import { sendLogs } from '#agent/logs/send-logs.ts'
import { type Cluster, cluster as connectTo } from '#lib/kubernetes/cluster.ts'
import type { KubernetesObject } from '#lib/kubernetes/objects.ts'
import { labFacts } from '../lab.ts'
import { removeEnvironment } from './argo-cd-world.ts'

export interface AroundCluster {
  /** Running pods of a service: environment and uid. */
  pods(service: string): Promise<readonly string[]>
  /** What the ConfigMaps of a service with this label hold, in whatever namespace, as a side car looks for them. */
  configMapsWith(
    label: string,
    place: { service: string; environment: string },
  ): Promise<readonly Readonly<Record<string, string>>[]>
}

interface Ends {
  after(work: () => unknown): void
}

const team = 'team-a'
const environments = ['dev', 'staging', 'production'] as const

/**
 * What the operator of a cluster puts around it, for one platform: a gateway that leads `<service>.<environment>.localhost`
 * to the Service of that name, and an agent that brings the pods' output to the collector. The lab builds neither an
 * ingress controller nor a log agent. What an earlier platform left in the cluster is taken away first, and afterwards.
 */
export async function aroundCluster(
  t: Ends,
  { gatewayPort }: { readonly gatewayPort: number },
): Promise<AroundCluster> {
  const [argoCd, collector] = [await labFacts('argo-cd'), await labFacts('collector')]
  const cluster = connectTo({ kubeconfig: argoCd.facts['kubeconfig'] })
  const clear = async () => {
    for (const environment of environments)
      await removeEnvironment(cluster, {
        environment,
        namespace: `${team}-${environment}`,
        argoNamespace: argoCd.facts['namespace'] ?? 'argocd',
      })
  }
  await clear()
  t.after(clear)
  await openGateway(t, cluster, gatewayPort)
  carryLogs(t, cluster, collector.facts['otlpUrl'] ?? '')
  return {
    async pods(service) {
      const found = await podsOf(cluster)
      return found
        .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === service)
        .map(({ metadata }) => `${metadata.labels?.['fairway.dev/environment']} ${metadata.uid}`)
        .toSorted()
    },
    async configMapsWith(label, { service, environment }) {
      const kind = { apiVersion: 'v1', kind: 'ConfigMap' }
      const labels = `${label}=1,fairway.dev/service=${service},fairway.dev/environment=${environment}`
      const found = await cluster.list(kind, { labels }, AbortSignal.timeout(10_000))
      return found.map((object) => object['data'] as Record<string, string>)
    },
  }
}

async function openGateway(t: Ends, cluster: Cluster, port: number): Promise<void> {
  const server = createServer((incoming, outgoing) => {
    const refuse = (status: number, words: string) => outgoing.writeHead(status).end(words)
    const [, service = '', environment = ''] =
      /^([a-z0-9-]+)\.([a-z0-9-]+)\.localhost(?::\d+)?$/.exec(incoming.headers.host ?? '') ?? []
    const name = { apiVersion: 'v1', kind: 'Service', namespace: `${team}-${environment}`, name: service }
    cluster.get(name, AbortSignal.timeout(10_000)).then(
      (found) => {
        const spec = found?.['spec'] as { clusterIP?: string; ports?: { port: number }[] } | undefined
        if (!spec?.clusterIP) return refuse(404, `no ${service} in ${environment}`)
        const { method, url: path, headers } = incoming
        const target = { host: spec.clusterIP, port: spec.ports?.[0]?.port, method, path, headers, agent: false }
        const onward = request(target, (reply) => {
          outgoing.writeHead(reply.statusCode ?? 502, reply.headers)
          reply.pipe(outgoing)
        })
        onward.on('error', (error) => refuse(502, error.message))
        return incoming.pipe(onward)
      },
      (error: Error) => refuse(502, error.message),
    )
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
}

/** As a node's log agent does: each new line of every pod, with the labels that the API server has of it. */
function carryLogs(t: Ends, cluster: Cluster, endpoint: string): void {
  const seen = new Map<string, number>()
  let isOver = false
  const round = async () => {
    for (const pod of await podsOf(cluster)) {
      const { name, namespace = '', uid = '', labels = {} } = pod.metadata
      const text = await cluster.logs({ namespace, name, lines: 5_000 }, AbortSignal.timeout(10_000))
      const lines = text.split('\n').filter(Boolean)
      const fresh = lines.slice(seen.get(uid) ?? 0)
      if (fresh.length === 0) continue
      const owner = {
        instance: name,
        service: labels['app.kubernetes.io/name'] ?? '',
        environment: labels['fairway.dev/environment'] ?? '',
        owner: labels['fairway.dev/owner'] ?? '',
        version: labels['app.kubernetes.io/version'] ?? '',
      }
      const records = fresh.map((line) => logRecord({ text: line, stream: 'stdout', readAt: Date.now() }))
      if ((await sendLogs(endpoint, { token: '', owner, records })) === 'taken') seen.set(uid, lines.length)
    }
  }
  const carrying = (async () => {
    while (!isOver) {
      await round().catch(() => {}) // a pod that went meanwhile; the next round sees what is there
      await pause(500)
    }
  })()
  t.after(async () => {
    isOver = true
    await carrying
  })
}

async function podsOf(cluster: Cluster): Promise<readonly KubernetesObject[]> {
  const lists = environments.map((environment) => {
    const pods = { apiVersion: 'v1', kind: 'Pod', namespace: `${team}-${environment}` }
    return cluster.list(pods, { labels: 'fairway.dev/owner' }, AbortSignal.timeout(10_000))
  })
  return (await Promise.all(lists))
    .flat()
    .filter(({ status, metadata }) => (status as { phase?: string }).phase === 'Running' && !metadata.deletionTimestamp)
}
