import type { ILimitRange } from 'kubernetes-models/v1/LimitRange'
import type { INamespace } from 'kubernetes-models/v1/Namespace'
import type { IResourceQuota } from 'kubernetes-models/v1/ResourceQuota'
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import type { Environment } from '#model/environment.ts'
import { namespaceOf } from '../score/request.ts'
import { dnsEgress } from '../score/network-policy.ts'
import { clusterLabels } from './request.ts'

/** A team's place in an environment. */
export interface TeamPlace {
  readonly team: string
  readonly environment: Environment
}

/** Name, namespace and labels of an object in a team's namespace. */
export function teamMetadata({ team, environment }: TeamPlace, name: string) {
  const { name: environmentName } = environment.metadata
  return { name, namespace: namespaceOf(team, environmentName), labels: clusterLabels(environmentName, team) }
}

/** The team's namespace: only pods that Kubernetes calls `restricted` are admitted. */
export function namespaceObject({ team, environment }: TeamPlace): INamespace {
  const { name } = environment.metadata
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespaceOf(team, name),
      labels: { ...clusterLabels(name, team), ...podSecurity },
    },
  }
}

/** How much a team's services may take in one environment together. Nothing of it may be reached past the gateway. */
export function quotaObject(place: TeamPlace): IResourceQuota {
  const { pods, cpu, memory } = place.environment.spec.quota
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: teamMetadata(place, 'team'),
    spec: {
      hard: {
        pods: String(pods),
        'requests.cpu': cpu,
        'requests.memory': memory,
        'limits.memory': memory,
        'services.loadbalancers': '0',
        'services.nodeports': '0',
        persistentvolumeclaims: '0',
      },
    },
  }
}

/** What a container gets that states nothing: the environment's defaults. A quota refuses pods without requests. */
export function limitRangeObject(place: TeamPlace): ILimitRange {
  const { requests, limits } = place.environment.spec.defaults.resources
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: teamMetadata(place, 'team'),
    spec: { limits: [{ type: 'Container', default: limits, defaultRequest: requests }] },
  }
}

/** Nothing in and only name resolution out; each service's own NetworkPolicy opens what it needs, same-team calls too. */
export function defaultDenyObject(place: TeamPlace): INetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: teamMetadata(place, 'default-deny'),
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], egress: [dnsEgress()] },
  }
}

/** Levels of Kubernetes' own pod security, for namespaces in which no pod needs more. */
const podSecurity = {
  'pod-security.kubernetes.io/enforce': 'restricted',
  'pod-security.kubernetes.io/audit': 'restricted',
  'pod-security.kubernetes.io/warn': 'restricted',
} as const
