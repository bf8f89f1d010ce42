import { call, type Matcher } from '#lib/promql/tree.ts'

/** What the dashboard and the alert rules of a service in an environment depend on. */
export interface ObservabilityRequest {
  readonly service: string
  readonly environment: string
  readonly owner: string
  /** Labels of every series that say whose it is. */
  readonly labels: { readonly service: string; readonly environment: string }
  /** Longest time between two exports, in seconds. */
  readonly exportSeconds: number
  /** Where people reach the portal. */
  readonly portalUrl: string
  /** Whether there is a dashboard, and in which form alert rules are; left out: none. */
  readonly dashboard?: boolean
  readonly alertRules?: 'configmap' | 'prometheus-rule'
}

export function scopeOf({ service, environment, labels }: ObservabilityRequest): Matcher[] {
  return [
    { label: labels.service, op: '=', value: service },
    { label: labels.environment, op: '=', value: environment },
  ]
}

/** Whether anything was reported within so many seconds: a series, or none. */
export function reported(request: ObservabilityRequest, seconds: number) {
  return call('last_over_time', {
    kind: 'select',
    metric: 'process_memory_usage_bytes',
    matchers: scopeOf(request),
    window: seconds,
  })
}
