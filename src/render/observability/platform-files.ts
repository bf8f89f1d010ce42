/** Files of a service's folder that the platform alone writes. */
export const dashboardFile = 'dashboard.yaml'
export const alertRulesFile = 'alert-rules.yaml'

/** Labels by which tools that all teams share find dashboards and rules, in whatever namespace. */
export const labelOfDashboards = 'grafana_dashboard'
export const labelOfRules = 'prometheus_rule'

/** What the operator of Prometheus reads rules from, where it runs. */
export const ruleKind = {
  group: 'monitoring.coreos.com',
  version: 'v1',
  kind: 'PrometheusRule',
  plural: 'prometheusrules',
} as const
