import { codeOf } from '#errors/platform-error.ts'
import { type Cluster, cluster } from '#lib/kubernetes/cluster.ts'
import type { KubernetesObject } from '#lib/kubernetes/objects.ts'
import type { AdmissionView, DoorProblem } from '#model/admission.ts'
import type { Admission, AdmissionQuestion, WantedRule } from '#ports/admission.ts'
import { doorProblems } from './door-problems.ts'
import { excludedNamespaces } from './excluded-namespaces.ts'
import type { GatekeeperOptions } from './options.ts'
import { ruleState } from './rule-state.ts'

/** Gatekeeper at the door of a cluster: reads its webhook, the rules it holds, and what its audit found. */
export function gatekeeper(options: GatekeeperOptions): Admission {
  const api = cluster(options)
  return {
    can: { enforce: true },
    async look(question, signal) {
      try {
        return await lookAt(api, { options, question, signal })
      } catch (error) {
        if (codeOf(error) === undefined && !signal.aborted) throw error
        const { message } = error as Error
        return { kind: 'unknown', reason: signal.aborted ? 'the cluster did not answer in time' : message }
      }
    },
  }
}

interface Look {
  readonly options: GatekeeperOptions
  readonly question: AdmissionQuestion
  readonly signal: AbortSignal
}

async function lookAt(api: Cluster, { options, question, signal }: Look): Promise<AdmissionView> {
  const { webhook, namespace } = options
  const [configuration, config, namespaces, live, surplus, server] = await Promise.all([
    api.get(
      { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', name: webhook },
      signal,
    ),
    api.get({ apiVersion: 'config.gatekeeper.sh/v1alpha1', kind: 'Config', namespace, name: 'config' }, signal),
    namespacesOf(api, question.environment, signal),
    Promise.all(question.rules.map((rule) => liveRule(api, rule, signal))),
    surplusRules(api, question, signal),
    api.server(),
  ])
  const door = { name: webhook, configuration, namespaces, kinds: judgedKinds(question.rules) }
  return {
    kind: 'known',
    at: new Date().toISOString(),
    source: `Gatekeeper in the cluster at ${server}`,
    problems: [...doorProblems(door), ...excludedNamespaces(config, namespaces), ...surplus],
    rules: question.rules.map((rule, index) =>
      ruleState(rule, live[index] ?? { definition: undefined, application: undefined }),
    ),
  }
}

const environmentLabel = 'fairway.dev/environment'

/** A cluster that has none of them yet is asked about one as they will be. */
async function namespacesOf(api: Cluster, environment: string, signal: AbortSignal) {
  const labels = `${environmentLabel}=${environment}`
  const found = await api.list({ apiVersion: 'v1', kind: 'Namespace' }, { labels }, signal)
  const name = `<team>-${environment}`
  const future = { name, labels: { [environmentLabel]: environment, 'kubernetes.io/metadata.name': name } }
  return found.length > 0
    ? found.map(({ metadata }) => ({ name: metadata.name, labels: metadata.labels ?? {} }))
    : [future]
}

async function liveRule(api: Cluster, { definition, application }: WantedRule, signal: AbortSignal) {
  const refs = [definition, application].map((object) => {
    const { apiVersion, kind, metadata } = object as KubernetesObject
    return { apiVersion, kind, name: metadata.name }
  })
  const [first, second] = await Promise.all(refs.map((ref) => api.get(ref, signal)))
  return { definition: first, application: second }
}

/** Rules that once were the platform's and still stand, though nobody stands for them. */
async function surplusRules(
  api: Cluster,
  { environment, rules }: AdmissionQuestion,
  signal: AbortSignal,
): Promise<DoorProblem[]> {
  const template = { apiVersion: 'templates.gatekeeper.sh/v1', kind: 'ConstraintTemplate' }
  const known = new Set(rules.map(({ policy }) => policy))
  const found = (
    await api.list(template, { labels: `fairway.dev/rule,${environmentLabel}=${environment}` }, signal)
  ).filter(({ metadata }) => !known.has(metadata.labels?.['fairway.dev/rule'] ?? ''))
  const standing = await Promise.all(
    found.map(async (object) => {
      const { crd } = object['spec'] as { crd?: { spec?: { names?: { kind?: string } } } }
      const kind = { apiVersion: 'constraints.gatekeeper.sh/v1beta1', kind: crd?.spec?.names?.kind ?? '' }
      const own = await api.list(kind, { labels: `${environmentLabel}=${environment}` }, signal)
      return own.map(({ metadata }) => ({ kind: kind.kind, name: metadata.name }))
    }),
  )
  return standing.flat().map(({ kind, name }) => ({
    what: `${kind}/${name} stands in the cluster, and the platform has no such rule for ${environment}`,
    fix: `kubectl delete ${kind.toLowerCase()} ${name}`,
  }))
}

/** What the rules themselves say they judge. */
function judgedKinds(rules: readonly WantedRule[]): { group: string; kind: string }[] {
  const found = new Map<string, { group: string; kind: string }>()
  for (const { application } of rules) {
    const { spec } = application as { spec?: { match?: { kinds?: { apiGroups: string[]; kinds: string[] }[] } } }
    for (const { apiGroups, kinds } of spec?.match?.kinds ?? [])
      for (const group of apiGroups) for (const kind of kinds) found.set(`${group}/${kind}`, { group, kind })
  }
  return [...found.values()]
}
