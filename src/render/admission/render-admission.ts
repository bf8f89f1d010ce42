import { clusterLabels, type ClusterRequest } from '../cluster/request.ts'
import type { RenderedFile } from '../rendered-file.ts'
import { writeYaml } from '../yaml/write-yaml.ts'
import { type RuleInCluster, rulesAtAdmission } from './rule-in-cluster.ts'

/** What the rules look at in a cluster: workloads, and every kind that a team may bring. */
export const judgedKinds = [
  { apiGroups: [''], kinds: ['Pod', 'ReplicationController', 'Service', 'ConfigMap', 'ServiceAccount'] },
  { apiGroups: ['apps'], kinds: ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'] },
  { apiGroups: ['batch'], kinds: ['Job', 'CronJob'] },
  { apiGroups: ['networking.k8s.io'], kinds: ['NetworkPolicy'] },
  { apiGroups: ['policy'], kinds: ['PodDisruptionBudget'] },
] as const

/** One rule as objects of a cluster: what it is, and where it applies. */
export interface RuleObjects {
  readonly policy: string
  readonly definition: object
  readonly application: object
}

/** The platform's rules as Gatekeeper enforces them, below `policies/` of the cluster's folder. */
export function renderAdmission(request: ClusterRequest): readonly RenderedFile[] {
  return ruleObjects(request).flatMap(({ policy, definition, application }) => [
    { path: `policies/${policy}-template.yaml`, content: writeYaml(definition) },
    { path: `policies/${policy}-constraint.yaml`, content: writeYaml(application) },
  ])
}

export function ruleObjects(request: ClusterRequest): readonly RuleObjects[] {
  return rulesAtAdmission(request.rules, request.environment.metadata.name).map((rule) => ({
    policy: rule.policy.metadata.name,
    definition: templateOf(rule, request),
    application: constraintOf(rule, request),
  }))
}

function templateOf({ policy, kind, rego, libs }: RuleInCluster, { environment: { metadata } }: ClusterRequest) {
  const texts = { type: 'array', items: { type: 'string' } }
  const environment = { type: 'object', properties: { name: { type: 'string' }, registries: texts } }
  return {
    apiVersion: 'templates.gatekeeper.sh/v1',
    kind: 'ConstraintTemplate',
    metadata: {
      name: kind.toLowerCase(),
      labels: { ...clusterLabels(metadata.name), 'fairway.dev/rule': policy.metadata.name },
      annotations: {
        'metadata.gatekeeper.sh/title': policy.metadata.title,
        description: policy.spec.why,
        'argocd.argoproj.io/sync-wave': '-1',
      },
    },
    spec: {
      crd: {
        spec: {
          names: { kind },
          validation: {
            openAPIV3Schema: { type: 'object', properties: { environment, environments: texts, teams: texts } },
          },
        },
      },
      targets: [
        {
          target: 'admission.k8s.gatekeeper.sh',
          code: [{ engine: 'Rego', source: { version: 'v1', rego, libs: [...libs] } }],
        },
      ],
    },
  }
}

function constraintOf({ policy, kind }: RuleInCluster, { environment, environments, teams }: ClusterRequest) {
  const { name } = environment.metadata
  return {
    apiVersion: 'constraints.gatekeeper.sh/v1beta1',
    kind,
    metadata: {
      name: `${policy.metadata.name}-${name}`,
      labels: { ...clusterLabels(name), 'fairway.dev/rule': policy.metadata.name },
      annotations: { 'argocd.argoproj.io/sync-options': 'SkipDryRunOnMissingResource=true' },
    },
    spec: {
      enforcementAction: policy.spec.severity === 'deny' ? 'deny' : 'warn',
      match: {
        kinds: judgedKinds.map(({ apiGroups, kinds }) => ({ apiGroups: [...apiGroups], kinds: [...kinds] })),
        namespaceSelector: { matchLabels: { 'fairway.dev/environment': name } },
      },
      parameters: {
        environment: { name, registries: [...environment.spec.registries] },
        environments: [...environments],
        teams: teams.toSorted(),
      },
    },
  }
}
