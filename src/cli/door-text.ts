import type { components } from '../client/schema.ts'
import { age } from './output.ts'

type Admission = components['schemas']['Admission']

interface RuleInCluster {
  /** As the cluster says of the rule; `unknown` and `not-enforced` where it says nothing. */
  readonly state: string
  readonly detail?: string | undefined
  readonly source?: string
  readonly auditedAt?: string | undefined
  readonly total?: number | undefined
  readonly violations: readonly { readonly object: string; readonly message: string }[]
}

/** What one environment's cluster says of one rule. */
export function atDoor(admission: Admission, policy: string): RuleInCluster {
  if (admission.kind !== 'known') return { state: admission.kind, detail: admission.reason, violations: [] }
  const rule = admission.rules.find((one) => one.policy === policy)
  if (!rule) return { state: 'not asked', detail: 'the rule does not apply there', violations: [] }
  const { state, detail, auditedAt, total, violations } = rule
  return { state, detail, auditedAt, total, violations, source: admission.source }
}

export function doorLines(door: RuleInCluster & { environment: string }, isTerminal: boolean): string[] {
  const { environment, state, detail, auditedAt, total, violations, source } = door
  const audit = auditedAt
    ? `; ${total} standing violations, audited ${age(auditedAt, isTerminal)}`
    : source
      ? '; no audit has told yet'
      : ''
  return [
    `${environment.padEnd(6)} ${state}${detail ? `: ${detail}` : ''}${audit}${source ? ` (${source})` : ''}`,
    ...violations.map(({ object, message }) => `         ${object}: ${message}`),
  ]
}
