import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { metadataOf, selectorOf } from './labels.ts'
import { namespaceOf, type ManifestRequest } from './request.ts'
import { serviceDependencies } from './resources.ts'

/** Namespaces of a cluster in which its operator runs the gateway, and what takes signals (docs/adapters/gatekeeper.md). */
export const platformNamespaces = { gateway: 'fairway-gateway', signals: 'fairway-signals' } as const

/** Nothing in or out, but: the gateway and services of the same environment on the ports; names, signals and declared services. */
export function networkPolicyOf(request: ManifestRequest): INetworkPolicy {
  const ports = Object.values(request.score.service?.ports ?? {}).map(({ port, targetPort, protocol }) => ({
    protocol,
    port: targetPort ?? port,
  }))
  const environment = request.environment.metadata.name
  const callers = [
    { namespaceSelector: inNamespace(platformNamespaces.gateway) },
    { namespaceSelector: { matchLabels: { 'fairway.dev/environment': environment } } },
  ]
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadataOf(request),
    spec: {
      podSelector: { matchLabels: selectorOf(request) },
      policyTypes: ['Ingress', 'Egress'],
      ...(ports.length > 0 && { ingress: [{ from: callers, ports }] }),
      egress: [dnsEgress(), ...signals(request.platform.otlpEndpoint), ...calls(request)],
    },
  }
}

type Egress = NonNullable<NonNullable<INetworkPolicy['spec']>['egress']>[number]

/** The way to the cluster's name service. */
export function dnsEgress(): Egress {
  return {
    to: [{ namespaceSelector: inNamespace('kube-system'), podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
    ports: [
      { protocol: 'UDP', port: 53 },
      { protocol: 'TCP', port: 53 },
    ],
  }
}

function signals(endpoint: string | undefined): Egress[] {
  if (!endpoint) return []
  const { port, protocol } = new URL(endpoint)
  const number = port ? Number(port) : protocol === 'https:' ? 443 : 80
  return [
    {
      to: [{ namespaceSelector: inNamespace(platformNamespaces.signals) }],
      ports: [{ protocol: 'TCP', port: number }],
    },
  ]
}

// No port: the rule applies to the pod's own port, which only the called service knows; its ingress names it.
function calls({ score, release, environment }: ManifestRequest): Egress[] {
  return serviceDependencies(score).map(({ service, owner }) => ({
    to: [
      {
        namespaceSelector: inNamespace(namespaceOf(owner ?? release.owner, environment.metadata.name)),
        podSelector: { matchLabels: { 'app.kubernetes.io/name': service } },
      },
    ],
  }))
}

function inNamespace(name: string) {
  return { matchLabels: { 'kubernetes.io/metadata.name': name } }
}
