import { z } from 'zod'
import type { KubernetesObject } from '#lib/kubernetes/objects.ts'
import type { RuleAtDoor } from '#model/admission.ts'
import type { WantedRule } from '#ports/admission.ts'
import { firstDifference } from './first-difference.ts'

/** What Gatekeeper writes into a constraint, as far as we read it. What it does not write is not known. */
const Status = z.object({
  auditTimestamp: z.string().optional(),
  totalViolations: z.int().optional(),
  violations: z
    .array(z.object({ kind: z.string(), name: z.string(), namespace: z.string().optional(), message: z.string() }))
    .default([]),
  byPod: z
    .array(
      z.object({
        enforced: z.boolean().default(false),
        observedGeneration: z.int().optional(),
        errors: z.array(z.object({ message: z.string() })).default([]),
      }),
    )
    .default([]),
})
type Status = z.infer<typeof Status>

const mostShown = 20

/** A rule as it is wanted against what the cluster has of it. */
export function ruleState(
  wanted: WantedRule,
  live: { readonly definition: KubernetesObject | undefined; readonly application: KubernetesObject | undefined },
): RuleAtDoor {
  const { definition, application } = live
  if (!definition || !application) {
    const detail = definition ? 'its constraint is not in the cluster' : 'its template is not in the cluster'
    return { policy: wanted.policy, state: 'missing', detail, violations: [] }
  }
  const parsed = Status.safeParse(application['status'] ?? {})
  const status = parsed.data ?? Status.parse({})
  const audited = { policy: wanted.policy, ...auditOf(status, application) }
  const field =
    differenceOf('ConstraintTemplate', specOf(wanted.definition), withoutDefaults(definition['spec'])) ??
    differenceOf('constraint', specOf(wanted.application), application['spec'])
  if (field) return { ...audited, state: 'different', detail: `${field} is not as the platform rendered it` }
  const why = whyInactive(status, application.metadata.generation)
  if (why !== undefined) return { ...audited, state: 'inactive', detail: why }
  const { enforcementAction } = application['spec'] as { enforcementAction?: string }
  return { ...audited, state: enforcementAction === 'deny' ? 'enforced' : 'warns' }
}

/** An audit that began before the constraint was there writes its zero into it, too: it never looked. */
function auditOf(
  { violations, totalViolations, auditTimestamp }: Status,
  { metadata }: KubernetesObject,
): Omit<RuleAtDoor, 'policy' | 'state'> {
  const at = auditTimestamp === undefined ? Number.NaN : Date.parse(auditTimestamp)
  const made = Date.parse(metadata.creationTimestamp ?? '')
  if (Number.isNaN(at) || at <= made) return { violations: [] }
  return {
    auditedAt: new Date(at).toISOString(),
    total: totalViolations ?? violations.length,
    violations: violations.slice(0, mostShown).map(({ kind, namespace, name, message }) => ({
      object: `${kind} ${namespace ? `${namespace}/` : ''}${name}`,
      message,
    })),
  }
}

/** A webhook that runs says for each constraint that it enforces the generation it has seen. */
function whyInactive({ byPod }: Status, generation: number | undefined): string | undefined {
  const current = byPod.filter((pod) => generation === undefined || (pod.observedGeneration ?? 0) >= generation)
  if (current.some(({ enforced }) => enforced)) return undefined
  const said = byPod.flatMap(({ errors }) => errors.map(({ message }) => message))[0]
  return said ?? 'Gatekeeper has not reported that it enforces it'
}

function specOf(object: object): unknown {
  return (object as { spec?: unknown }).spec
}

/** The API server adds one field to every template. */
function withoutDefaults(spec: unknown): unknown {
  const copy = structuredClone(spec) as { crd?: { spec?: { validation?: { legacySchema?: boolean } } } } | undefined
  const validation = copy?.crd?.spec?.validation
  if (validation?.legacySchema === false) delete validation.legacySchema
  return copy
}

function differenceOf(what: string, wanted: unknown, live: unknown): string | undefined {
  const path = firstDifference(wanted, live)
  return path === undefined ? undefined : `spec.${path} of the ${what}`
}
