import { z } from 'zod'
import type { KubernetesObject } from '#lib/kubernetes/objects.ts'
import type { DoorProblem } from '#model/admission.ts'

const Selector = z
  .object({
    matchLabels: z.record(z.string(), z.string()).default({}),
    matchExpressions: z
      .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).default([]) }))
      .default([]),
  })
  .default({ matchLabels: {}, matchExpressions: [] })
type Selector = z.infer<typeof Selector>

const Webhook = z.object({
  name: z.string(),
  failurePolicy: z.string().optional(),
  matchConditions: z.array(z.unknown()).default([]),
  namespaceSelector: Selector,
  objectSelector: Selector,
  rules: z
    .array(
      z.object({
        apiGroups: z.array(z.string()).default([]),
        resources: z.array(z.string()).default([]),
        operations: z.array(z.string()).default([]),
        scope: z.string().optional(),
      }),
    )
    .default([]),
})
type Webhook = z.infer<typeof Webhook>

export interface Door {
  /** Name of the configuration, for the sentences. */
  readonly name: string
  readonly configuration: KubernetesObject | undefined
  /** Namespaces of the environment that are there, or one as they will be. */
  readonly namespaces: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[]
  /** Kinds the rules judge, as `apps/Deployment`. */
  readonly kinds: readonly { readonly group: string; readonly kind: string }[]
}

/** What lets an object into our namespaces without the rules being asked. Nothing, when the door is shut. */
export function doorProblems({ name, configuration, namespaces, kinds }: Door): DoorProblem[] {
  const place = `ValidatingWebhookConfiguration ${name}`
  if (!configuration)
    return [{ what: `there is no ${place}: no rule is asked`, fix: 'install Gatekeeper with its validating webhook' }]
  const parsed = z.array(Webhook).safeParse(configuration['webhooks'])
  const webhook = parsed.data?.find((one) => one.name === 'validation.gatekeeper.sh')
  if (!webhook)
    return [{ what: `${place} has no webhook validation.gatekeeper.sh`, fix: 'install Gatekeeper’s webhook again' }]
  return [
    ...failing(webhook, name),
    ...uncovered(webhook, kinds),
    ...narrowed(webhook),
    ...namespaces
      .filter(({ labels }) => !selects(webhook.namespaceSelector, labels))
      .map((namespace) => ({
        what: `the webhook does not look at the namespace ${namespace.name}`,
        fix: `change namespaceSelector of ${place}, or take the label that excludes it from the namespace`,
      })),
  ]
}

function failing({ failurePolicy }: Webhook, name: string): DoorProblem[] {
  if (failurePolicy === 'Fail') return []
  const patch = '[{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Fail"}]'
  return [
    {
      what: `the webhook's failurePolicy is ${failurePolicy ?? 'not set'}: everything passes while Gatekeeper does not answer`,
      fix: `set validatingWebhookFailurePolicy: Fail in Gatekeeper's chart, or: kubectl patch validatingwebhookconfiguration ${name} --type json -p '${patch}'`,
    },
  ]
}

function uncovered({ rules }: Webhook, kinds: Door['kinds']): DoorProblem[] {
  const wanted = [
    ...kinds.map(({ group, kind }) => ({ group, resource: resourceOf(kind) })),
    ...(kinds.some(({ kind }) => kind === 'Pod') ? [{ group: '', resource: 'pods/ephemeralcontainers' }] : []),
  ]
  const missing = wanted.flatMap(({ group, resource }) =>
    ['CREATE', 'UPDATE']
      .filter((operation) => operation !== 'CREATE' || !resource.includes('/'))
      .filter((operation) => !rules.some((rule) => covers(rule, { group, resource, operation })))
      .map((operation) => `${operation} ${resource}${group && `.${group}`}`),
  )
  if (missing.length === 0) return []
  return [
    {
      what: `the webhook is not asked about ${missing.join(', ')}`,
      fix: "add them to the rules of Gatekeeper's webhook (validatingWebhookCustomRules in its chart)",
    },
  ]
}

interface Wanted {
  readonly group: string
  readonly resource: string
  readonly operation: string
}

function covers({ apiGroups, resources, operations, scope }: Webhook['rules'][number], wanted: Wanted): boolean {
  const [main = '', sub] = wanted.resource.split('/')
  const names = sub ? [wanted.resource, `${main}/*`, `*/${sub}`, '*/*'] : [main, '*', '*/*']
  const has = (list: readonly string[], value: string) => list.includes('*') || list.includes(value)
  return (
    has(apiGroups, wanted.group) &&
    has(operations, wanted.operation) &&
    names.some((name) => resources.includes(name)) &&
    scope !== 'Cluster'
  )
}

function narrowed({ matchConditions, objectSelector }: Webhook): DoorProblem[] {
  const fix = "take it out of Gatekeeper's webhook: what it leaves out passes unasked"
  return [
    ...(matchConditions.length > 0
      ? [{ what: 'the webhook has matchConditions, so not every request is asked about', fix }]
      : []),
    ...(objectSelector.matchExpressions.length + Object.keys(objectSelector.matchLabels).length > 0
      ? [{ what: 'the webhook has an objectSelector: an object chooses by its labels whether it is asked about', fix }]
      : []),
  ]
}

/** As the API server reads a label selector; an operator it does not know selects nothing. */
function selects({ matchLabels, matchExpressions }: Selector, labels: Readonly<Record<string, string>>): boolean {
  const meets: Record<string, (key: string, values: readonly string[]) => boolean> = {
    In: (key, values) => labels[key] !== undefined && values.includes(labels[key]),
    NotIn: (key, values) => labels[key] === undefined || !values.includes(labels[key]),
    Exists: (key) => labels[key] !== undefined,
    DoesNotExist: (key) => labels[key] === undefined,
  }
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => meets[operator]?.(key, values) ?? false)
  )
}

function resourceOf(kind: string): string {
  const lower = kind.toLowerCase()
  return lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : `${lower}s`
}
