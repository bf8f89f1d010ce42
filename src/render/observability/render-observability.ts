import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Name } from '#model/names.ts'
import { clusterFolder } from '../cluster/render-cluster.ts'
import { clusterLabels } from '../cluster/request.ts'
import type { RenderedFile } from '../rendered-file.ts'
import { platformNamespaces } from '../score/network-policy.ts'
import { writeYaml } from '../yaml/write-yaml.ts'
import { alertRules } from './alert-rules.ts'
import { dashboard } from './dashboard.ts'
import type { ObservabilityRequest } from './request.ts'

/**
 * Dashboard and alert rules of a service in an environment, below `clusters/<environment>/observability/<service>/`. The
 * delivery controller applies that folder, so each is a ConfigMap with the file in it, labelled as the usual side cars of
 * Grafana and Prometheus look for them. Same input, same bytes.
 */
export function renderObservability(request: ObservabilityRequest): readonly RenderedFile[] {
  const [environment, service] = [Name.parse(request.environment), Name.parse(request.service)]
  const folder = `${clusterFolder(environment)}/observability/${service}`
  return [
    {
      path: `${folder}/alerts.yaml`,
      content: writeYaml(
        configMap(
          request,
          { name: `${service}-alerts`, label: 'prometheus_rule', key: `${environment}-${service}.rules.yaml` },
          writeYaml(alertRules(request)),
        ),
      ),
    },
    {
      path: `${folder}/dashboard.yaml`,
      content: writeYaml(
        configMap(
          request,
          { name: `${service}-dashboard`, label: 'grafana_dashboard', key: `${environment}-${service}.json` },
          `${JSON.stringify(dashboard(request), null, 2)}\n`,
        ),
      ),
    },
  ]
}

function configMap(
  { environment, owner, service }: ObservabilityRequest,
  { name, label, key }: { name: string; label: string; key: string },
  content: string,
): IConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace: platformNamespaces.signals,
      labels: { ...clusterLabels(environment, owner), 'fairway.dev/service': service, [label]: '1' },
    },
    data: { [key]: content },
  }
}
