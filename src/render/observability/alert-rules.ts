import { errorShare, latency, requestRate } from '#lib/promql/golden-signals.ts'
import { binary, call, type PromExpression, printPromql } from '#lib/promql/tree.ts'
import { type ObservabilityRequest, reported, scopeOf } from './request.ts'

interface AlertRule {
  readonly alert: string
  readonly expr: string
  readonly for: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** A rule file of Prometheus: the golden queries of the service's page against thresholds. */
export function alertRules(request: ObservabilityRequest): { groups: { name: string; rules: AlertRule[] }[] } {
  const { service, environment, exportSeconds } = request
  const scope = scopeOf(request)
  const window = Math.max(300, exportSeconds * 2.5)
  const silent = Math.max(600, exportSeconds * 5)
  const busy = binary(requestRate(scope, window), '>', 0.05)
  const rules = [
    rule(request, {
      alert: 'FairwayManyErrors',
      tree: whileBusy(binary(errorShare(scope, window), '>', 0.05), busy),
      seconds: 300,
      severity: 'page',
      says: 'more than 5 % of the requests fail',
    }),
    rule(request, {
      alert: 'FairwaySlow',
      tree: whileBusy(binary(latency(scope, window, 0.95), '>', 1_000), busy),
      seconds: 600,
      severity: 'ticket',
      says: 'one request in twenty takes longer than a second',
    }),
    rule(request, {
      alert: 'FairwaySilent',
      tree: call('absent', reported(request, silent)),
      seconds: 300,
      severity: 'page',
      says: 'nothing was reported for ten minutes: it is down, or its signals do not arrive',
    }),
  ]
  return { groups: [{ name: `fairway/${environment}/${service}`, rules }] }
}

interface Wanted {
  readonly alert: string
  readonly tree: PromExpression
  readonly seconds: number
  readonly severity: 'page' | 'ticket'
  readonly says: string
}

// One failed request in a quiet night is no outage.
function whileBusy(condition: PromExpression, busy: PromExpression): PromExpression {
  return binary(condition, 'and', busy)
}

function rule(
  { service, environment, owner, portalUrl }: ObservabilityRequest,
  { alert, tree, seconds, severity, says }: Wanted,
): AlertRule {
  return {
    alert,
    expr: printPromql(tree),
    for: `${seconds}s`,
    labels: { severity, service, environment, owner },
    annotations: {
      summary: `${service} in ${environment}: ${says}`,
      page: `${portalUrl}/catalog/component/default/${service}/metrics?environment=${environment}`,
    },
  }
}
