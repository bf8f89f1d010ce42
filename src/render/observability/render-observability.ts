import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Name } from '#model/names.ts'
import type { RenderedFile } from '../rendered-file.ts'
import { metadataOf } from '../score/labels.ts'
import { writeYaml } from '../yaml/write-yaml.ts'
import { alertRules } from './alert-rules.ts'
import { dashboard } from './dashboard.ts'
import { alertRulesFile, dashboardFile, labelOfDashboards, labelOfRules, ruleKind } from './platform-files.ts'
import type { ObservabilityRequest } from './request.ts'

/**
 * Dashboard and alert rules of a service in an environment, as far as they are asked for, for its folder in the delivery
 * repository: ConfigMaps labelled as the usual side cars look for them, or an object of the kind PrometheusRule. In the
 * team's namespace, with the labels of all that is the service's. Same input, same bytes.
 */
export function renderObservability(request: ObservabilityRequest): readonly RenderedFile[] {
  for (const name of [request.environment, request.service, request.owner]) Name.parse(name)
  return [
    ...(request.alertRules ? [{ path: alertRulesFile, content: writeYaml(rulesOf(request)) }] : []),
    ...(request.dashboard ? [{ path: dashboardFile, content: writeYaml(dashboardOf(request)) }] : []),
  ]
}

function rulesOf(request: ObservabilityRequest): object {
  const { service, environment, alertRules: form } = request
  const rules = alertRules(request)
  const metadata = labelled(request, { name: `${service}-alert-rules` })
  if (form === 'prometheus-rule')
    return { apiVersion: `${ruleKind.group}/${ruleKind.version}`, kind: ruleKind.kind, metadata, spec: rules }
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: labelled(request, { name: `${service}-alert-rules`, label: labelOfRules }),
    data: { [`${environment}-${service}.rules.yaml`]: writeYaml(rules) },
  } satisfies IConfigMap
}

function dashboardOf(request: ObservabilityRequest): IConfigMap {
  const { service, environment } = request
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: labelled(request, { name: `${service}-dashboard`, label: labelOfDashboards }),
    data: { [`${environment}-${service}.json`]: `${JSON.stringify(dashboard(request), null, 2)}\n` },
  }
}

function labelled(
  { service, owner, environment }: ObservabilityRequest,
  { name, label }: { name: string; label?: string },
) {
  const place = { release: { service, owner }, environment: { metadata: { name: environment } } }
  const { labels, ...metadata } = metadataOf(place, name)
  return { ...metadata, labels: { ...labels, ...(label && { [label]: '1' }) } }
}
