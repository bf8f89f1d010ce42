import { clusterCalls } from '#lib/kubernetes/calls.ts'
import { type Cluster, cluster } from '#lib/kubernetes/cluster.ts'
import type { KubernetesObject } from '#lib/kubernetes/objects.ts'
import type { ClusterRequest } from '#render/cluster/request.ts'
import { ruleObjects } from '#render/admission/render-admission.ts'
import { waitUntil } from '../../../testing/wait-until.ts'
import type { Json } from './mutations.ts'

/** What the cluster said: the words of each rule, or that no rule was asked. */
export type Answer =
  | { readonly kind: 'asked'; readonly words: readonly string[] }
  | { readonly kind: 'not-asked'; readonly reason: string }

export interface Door {
  /** Tries to create it, without leaving anything. */
  try(object: Json): Promise<Answer>
  /** The object as the API server completes it, where no rule is asked; undefined when it refuses it. */
  completed(object: Json): Promise<Json | undefined>
  close(): Promise<void>
}

const prefix = 'agree-'
const soon = () => AbortSignal.timeout(30_000)

/** A namespace of its own whose door holds the rules, under names of their own so that no other rules are touched. */
export async function openDoor(kubeconfig: string, request: ClusterRequest): Promise<Door> {
  const api = cluster({ kubeconfig })
  const { call, found } = clusterCalls({ kubeconfig })
  const environment = request.environment.metadata.name
  const [judged, free] = [`team-a-${environment}`, `free-${environment}`]
  const objects = ruleObjects({ ...request, rules: request.rules.map(renamed) }).map(
    ({ definition, application }) => [definition, application] as [KubernetesObject, KubernetesObject],
  )
  await api.apply(namespace(judged, { 'fairway.dev/environment': environment }), {}, soon())
  await api.apply(namespace(free, {}), {}, soon())
  await enact(api, objects)
  const create = async (object: Json, place: string) => {
    const placed = { ...object, metadata: { ...(object['metadata'] as Json), namespace: place } }
    const resource = await found.need(placed as unknown as KubernetesObject, soon())
    const path = resource.path({ namespace: place })
    return call(
      { method: 'POST', path, query: { dryRun: 'All' }, body: placed },
      { verb: 'create', resource: resource.fullName },
      soon(),
    )
  }
  return {
    async try(object) {
      const { status, text } = await create(object, judged)
      if (status >= 200 && status < 300) return { kind: 'asked', words: [] }
      const { message = text } = JSON.parse(text) as { message?: string }
      const [, said] = /^admission webhook "validation\.gatekeeper\.sh" denied the request: ([^]*)$/.exec(message) ?? []
      if (said === undefined) return { kind: 'not-asked', reason: message }
      return {
        kind: 'asked',
        words: said
          .split(/\n(?=\[agree-)/)
          .map((line) => asHere(line, environment))
          .toSorted(),
      }
    },
    async completed(object) {
      const { text, error } = await create(object, free)
      if (error) return undefined
      const found = JSON.parse(text) as { metadata: Json }
      return { ...found, metadata: { ...found.metadata, namespace: judged } }
    },
    async close() {
      const all = [
        ...objects.flatMap(([template, constraint]) => [constraint, template]),
        namespace(judged),
        namespace(free),
      ]
      for (const { apiVersion, kind, metadata } of all)
        await api.delete({ apiVersion, kind, name: metadata.name }, soon())
    },
  }
}

/** Templates first; a constraint's kind is there a moment later, and it counts once Gatekeeper says so of each. */
async function enact(api: Cluster, objects: readonly (readonly [KubernetesObject, KubernetesObject])[]): Promise<void> {
  for (const [template] of objects) await api.apply(template, { force: true }, soon())
  for (const [, constraint] of objects) {
    const what = `${constraint.kind} to be enforced`
    await waitUntil(() => api.apply(constraint, { force: true }, soon()), { what, ms: 60_000, everyMs: 300 })
  }
  for (const [, { apiVersion, kind, metadata }] of objects)
    await waitUntil(
      async () => {
        const live = await api.get({ apiVersion, kind, name: metadata.name }, soon())
        return JSON.stringify(live?.['status'] ?? {}).includes('"enforced":true')
      },
      { what: `${kind} to be enforced`, ms: 60_000, everyMs: 300 },
    )
}

function namespace(name: string, labels: Record<string, string> = {}): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
}

function renamed({ path, text }: { path: string; text: string }) {
  if (path.startsWith('lib/')) return { path, text }
  return {
    path: `${prefix}${path}`,
    text: text.replace(/^(package fairway\.rules\[")/m, `$1${prefix}`).replace(/^( {2}name: )/m, `$1${prefix}`),
  }
}

/** `[agree-required-labels-ga1] words` as `required-labels: words`. */
function asHere(line: string, environment: string): string {
  const end = `-${environment}] `
  const at = line.indexOf(end)
  return at < 0 ? line : `${line.slice(1 + prefix.length, at)}: ${line.slice(at + end.length)}`
}
