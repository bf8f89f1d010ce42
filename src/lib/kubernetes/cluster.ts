import { parseAnswer } from './answers.ts'
import { type ClusterCalls, clusterCalls } from './calls.ts'
import type { ClusterAddress } from './connection.ts'
import { type KindRef, type KubernetesObject, type ObjectRef, refOf } from './objects.ts'
import { type Change, keepWatching } from './watch.ts'

/** Name under which the cluster remembers which fields are ours. */
const fieldManager = 'fairway'

export interface Cluster {
  /** Host and port of the API server. */
  server(): Promise<string>
  /** `undefined` when the object, or its kind, is absent. */
  get(ref: ObjectRef, signal: AbortSignal): Promise<KubernetesObject | undefined>
  /** Everything that matches; nothing when the cluster does not know the kind. */
  list(kind: KindRef, choice: Selection, signal: AbortSignal): Promise<readonly KubernetesObject[]>
  /** Server-side apply of our fields. `dryRun` asks what would come of it, admission included. Repeating is harmless. */
  apply(object: KubernetesObject, options: ApplyOptions, signal: AbortSignal): Promise<KubernetesObject>
  /** Changes only these fields (merge patch; null removes one). */
  patch(ref: ObjectRef, change: object, signal: AbortSignal): Promise<KubernetesObject>
  /** What depends on the object goes with it. An absent one is no error. */
  delete(ref: ObjectRef, signal: AbortSignal): Promise<void>
  /** Calls back for what is there and for each change, until stopped; comes back by itself after a cut. */
  watch(kind: KindRef, choice: Selection, changed: (change: Change) => void): () => void
  /** The last lines a container wrote. */
  logs(pod: PodRef, signal: AbortSignal): Promise<string>
  /** Whether our own account may do that. */
  mayI(act: Act, signal: AbortSignal): Promise<boolean>
  /** Whether the cluster knows the kind. */
  serves(kind: KindRef, signal: AbortSignal): Promise<boolean>
  /** A POST to an address of the API server, for what is asked by creating it: a review, a token. */
  create(path: string, body: object, signal: AbortSignal): Promise<unknown>
}

export interface Selection {
  readonly labels?: string
  readonly fields?: string
  readonly limit?: number
}

export interface ApplyOptions {
  readonly dryRun?: boolean
  /** Takes fields over that another manager set. */
  readonly force?: boolean
}

export interface PodRef {
  readonly namespace: string
  readonly name: string
  readonly container?: string
  readonly lines?: number
  /** Of the run before the last restart. */
  readonly previous?: boolean
}

export interface Act {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly namespace?: string
  readonly name?: string
}

/** A Kubernetes cluster. Every call ends within 15 s, or at the caller's signal. */
export function cluster(address: ClusterAddress): Cluster {
  const calls = clusterCalls(address)
  const { connection, call, must, found } = calls
  return {
    server: () => connection.server(),
    async get(ref, signal) {
      const resource = await found.find(ref, signal)
      if (!resource) return undefined
      const request = { method: 'GET', path: resource.path(ref) } as const
      const { status, text, error } = await call(request, { verb: 'get', resource: resource.fullName }, signal)
      if (status === 404) return undefined
      if (error) throw error
      return parseAnswer(text) as KubernetesObject
    },
    async list(kind, choice, signal) {
      const resource = await found.find(kind, signal)
      if (!resource) return []
      const request = {
        method: 'GET',
        path: resource.path({ namespace: kind.namespace }),
        query: queryOf(choice),
      } as const
      const answer = parseAnswer(
        await must(request, { verb: 'list', resource: resource.fullName }, signal),
      ) as ListAnswer
      return answer.items.map((item) => ({ ...item, apiVersion: kind.apiVersion, kind: kind.kind }))
    },
    ...writes(calls),
    watch: (kind, choice, changed) =>
      keepWatching({
        changed,
        async list(signal) {
          const resource = await found.need(kind, signal)
          const request = {
            method: 'GET',
            path: resource.path({ namespace: kind.namespace }),
            query: queryOf(choice),
          } as const
          return parseAnswer(await must(request, { verb: 'list', resource: resource.fullName }, signal)) as ListAnswer
        },
        async open(resourceVersion, signal) {
          const resource = await found.need(kind, signal)
          const query = {
            ...queryOf(choice),
            watch: true,
            resourceVersion,
            allowWatchBookmarks: true,
            timeoutSeconds: 300,
          }
          return connection.open({ method: 'GET', path: resource.path({ namespace: kind.namespace }), query }, signal)
        },
      }),
    logs({ namespace, name, container, lines = 50, previous }, signal) {
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/log`
      const query = { container, tailLines: lines, previous, limitBytes: 1_048_576 }
      return must({ method: 'GET', path, query }, { verb: 'get', resource: 'pods/log' }, signal)
    },
    async mayI({ verb, group, resource, namespace, name }, signal) {
      const body = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb, group, resource, namespace, name } },
      }
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
      const purpose = { verb: 'create', resource: 'selfsubjectaccessreviews.authorization.k8s.io' }
      const answer = parseAnswer(await must({ method: 'POST', path, body }, purpose, signal))
      return (answer as AccessAnswer).status?.allowed === true
    },
    serves: async (kind, signal) => (await found.find(kind, signal)) !== undefined,
  }
}

type Writes = Pick<Cluster, 'apply' | 'patch' | 'delete' | 'create'>

function writes({ found, must, call }: ClusterCalls): Writes {
  return {
    async apply(object, { dryRun, force }, signal) {
      const resource = await found.need(object, signal)
      const request = {
        method: 'PATCH',
        path: resource.path(refOf(object)),
        query: { fieldManager, force: force ?? false, ...(dryRun && { dryRun: 'All' }), fieldValidation: 'Strict' },
        body: object,
        contentType: 'application/apply-patch+yaml',
      } as const
      return parseAnswer(
        await must(request, { verb: 'patch', resource: resource.fullName }, signal),
      ) as KubernetesObject
    },
    async patch(ref, change, signal) {
      const resource = await found.need(ref, signal)
      const request = {
        method: 'PATCH',
        path: resource.path(ref),
        query: { fieldManager },
        body: change,
        contentType: 'application/merge-patch+json',
      } as const
      return parseAnswer(
        await must(request, { verb: 'patch', resource: resource.fullName }, signal),
      ) as KubernetesObject
    },
    async delete(ref, signal) {
      const resource = await found.find(ref, signal)
      if (!resource) return
      const body = { propagationPolicy: 'Background' }
      const request = { method: 'DELETE', path: resource.path(ref), body } as const
      const { status, error } = await call(request, { verb: 'delete', resource: resource.fullName }, signal)
      if (error && status !== 404) throw error
    },
    async create(path, body, signal) {
      const purpose = { verb: 'create', resource: path.split('/').at(-1) ?? path }
      return parseAnswer(await must({ method: 'POST', path, body }, purpose, signal))
    },
  }
}

interface ListAnswer {
  readonly metadata: { readonly resourceVersion: string }
  readonly items: readonly KubernetesObject[]
}

interface AccessAnswer {
  readonly status?: { readonly allowed?: boolean }
}

function queryOf({ labels, fields, limit }: Selection) {
  return { labelSelector: labels, fieldSelector: fields, limit }
}
