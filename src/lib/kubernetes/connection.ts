import { request as plainRequest, type IncomingMessage } from 'node:http'
import { Agent, request as tlsRequest, type RequestOptions } from 'node:https'
import { stat } from 'node:fs/promises'
import { PlatformError } from '#errors/platform-error.ts'
import type { KubeConfig } from '@kubernetes/client-node'

export interface ClusterAddress {
  /** Path of a kubeconfig; without it the service account of the pod that this process runs in. */
  readonly kubeconfig?: string | undefined
  /** A context of the kubeconfig; its current one when absent. */
  readonly context?: string | undefined
  /** Where the files of the pod's service account begin; the root of the file system when absent. */
  readonly podRoot?: string | undefined
}

export interface ClusterRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: unknown
  readonly contentType?: string
}

export interface Connection {
  /** Opens a request and gives its answer unread, whatever its status. CLUSTER_UNREACHABLE when there is none. */
  open(request: ClusterRequest, signal: AbortSignal): Promise<IncomingMessage>
  /** Host and port of the API server, for messages. */
  server(): Promise<string>
  /** Reads the credential again at the next request. */
  forget(): void
}

interface Loaded {
  readonly config: KubeConfig
  readonly changed: number
  readonly agent?: Agent
}

/**
 * Who speaks to a cluster's API server. The credential is read again when its file changed or after `forget`. The
 * client's library is loaded at the first request, because it costs 87 MB.
 */
export function connect({ kubeconfig, context, podRoot }: ClusterAddress): Connection {
  let loaded: Promise<Loaded> | undefined
  const load = async (): Promise<Loaded> => {
    const changed = kubeconfig ? await changeOf(kubeconfig) : 0
    const known = await loaded?.catch(() => undefined)
    if (known?.changed === changed) return known
    loaded = read({ kubeconfig, context, podRoot }, changed)
    return loaded
  }
  const serverOf = async () => new URL((await load()).config.getCurrentCluster()?.server ?? '')
  return {
    forget: () => void (loaded = undefined),
    server: async () => (await serverOf()).host,
    async open(request, signal) {
      const { config, agent } = await load()
      const options: RequestOptions = {}
      await config.applyToHTTPSOptions(options).catch((cause: unknown) => {
        throw new PlatformError(
          'CLUSTER_UNAUTHORISED',
          `the credential in ${kubeconfig ?? 'this pod'} cannot be used`,
          {
            hint: 'try `kubectl get namespaces` with the same kubeconfig',
            cause,
          },
        )
      })
      return send(addressOf(await serverOf(), request), { ...options, ...(agent && { agent }) }, { request, signal })
    },
  }
}

async function changeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).mtimeMs
  } catch (cause) {
    throw new PlatformError('CLUSTER_UNAUTHORISED', `the kubeconfig ${file} cannot be read`, {
      hint: 'the setting `kubeconfig` names the file',
      cause,
    })
  }
}

async function read({ kubeconfig, context, podRoot }: ClusterAddress, changed: number): Promise<Loaded> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  try {
    if (kubeconfig) config.loadFromFile(kubeconfig)
    else config.loadFromCluster(podRoot)
    if (context) config.setCurrentContext(context)
  } catch (cause) {
    throw new PlatformError('CLUSTER_UNAUTHORISED', `the kubeconfig ${kubeconfig ?? 'of this pod'} cannot be read`, {
      cause,
    })
  }
  const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()]
  // In a pod the library's own provider reads the account's token file, anew every minute.
  if (kubeconfig && (user?.exec || user?.authProvider))
    throw new PlatformError(
      'CLUSTER_UNAUTHORISED',
      `the kubeconfig ${kubeconfig} gets its credential from a program, and no settings start one here`,
      { hint: 'give it the token of a service account, or a client certificate' },
    )
  if (!cluster || !user)
    throw new PlatformError(
      'CLUSTER_UNAUTHORISED',
      `the kubeconfig ${kubeconfig ?? 'of this pod'} has no usable context ${context ?? ''}`.trim(),
      { hint: 'the setting `context` names one of its contexts' },
    )
  if (cluster.proxyUrl || !cluster.server.startsWith('https:')) return { config, changed }
  return { config, changed, agent: new Agent({ keepAlive: true, maxSockets: 64 }) }
}

function addressOf(server: URL, { path, query = {} }: ClusterRequest): URL {
  const address = new URL(server)
  address.pathname = `${server.pathname.replace(/\/$/, '')}${path}`
  for (const [key, value] of Object.entries(query))
    if (value !== undefined) address.searchParams.set(key, String(value))
  return address
}

async function send(
  address: URL,
  options: RequestOptions,
  { request, signal }: { request: ClusterRequest; signal: AbortSignal },
): Promise<IncomingMessage> {
  const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body))
  const headers = {
    ...(options.headers as Record<string, string> | undefined),
    accept: 'application/json',
    'user-agent': 'fairway',
    ...(body && { 'content-type': request.contentType ?? 'application/json', 'content-length': body.length }),
  }
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const open = address.protocol === 'http:' ? plainRequest : tlsRequest
  const outgoing = open(address, { ...options, method: request.method, headers, signal })
  outgoing.once('response', resolve).once('error', reject)
  outgoing.end(body)
  return promise.catch((cause: unknown) => {
    throw new PlatformError('CLUSTER_UNREACHABLE', `the cluster at ${address.host} does not answer (${why(cause)})`, {
      hint: 'what runs there keeps running; nothing was changed',
      cause,
    })
  })
}

function why(cause: unknown): string {
  const { code, name } = cause as { code?: string; name?: string }
  return name === 'TimeoutError' || code === 'ABORT_ERR' ? 'no answer in time' : (code ?? 'connection failed')
}
