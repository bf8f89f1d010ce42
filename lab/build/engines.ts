import type { GoEngine } from './go-engine.ts'

const linked = (path: string, version: string): string[] => {
  const [major, minor] = version.slice(1).split('.')
  return [`-X=${path}.gitVersion=${version}`, `-X=${path}.gitMajor=${major}`, `-X=${path}.gitMinor=${minor}`]
}

// Clients refuse to parse the version of a server that was linked without one.
const kubernetes = (command: string): GoEngine => ({
  name: command,
  module: 'k8s.io/kubernetes',
  version: 'v1.37.2',
  package: `k8s.io/kubernetes/cmd/${command}`,
  local: 'v0.37.2',
  linked: linked('k8s.io/component-base/version', 'v1.37.2'),
})

/**
 * What the lab builds from Go modules, in the order in which it is needed: what comes first is used by most suites.
 * Versions were tried together; where a newer one does not resolve, that is said.
 */
export const engines: readonly GoEngine[] = [
  { name: 'opa', module: 'github.com/open-policy-agent/opa', version: 'v1.22.2' },
  {
    name: 'registry',
    module: 'github.com/distribution/distribution/v3',
    version: 'v3.1.2',
    package: 'github.com/distribution/distribution/v3/cmd/registry',
  },
  { name: 'etcd', module: 'go.etcd.io/etcd/server/v3', version: 'v3.7.3', local: 'v3.7.3' },
  kubernetes('kube-apiserver'),
  kubernetes('kube-controller-manager'),
  kubernetes('kube-scheduler'),
  kubernetes('kubelet'),
  kubernetes('kube-proxy'),
  kubernetes('kubectl'),
  {
    name: 'gitea',
    module: 'code.gitea.io/gitea',
    version: 'v1.26.0',
    toolchain: 'go1.27.1',
    tags: ['sqlite', 'sqlite_unlock_notify'],
    linked: ['-X=main.Version=1.26.0'],
  },
  {
    name: 'argocd',
    module: 'github.com/argoproj/argo-cd/v3',
    version: 'v3.6.1',
    package: 'github.com/argoproj/argo-cd/v3/cmd',
    toolchain: 'go1.27.1',
    linked: ['-X=github.com/argoproj/argo-cd/v3/common.version=3.6.1'],
  },
  { name: 'gatekeeper', module: 'github.com/open-policy-agent/gatekeeper/v3', version: 'v3.23.1' },
  { name: 'coredns', module: 'github.com/coredns/coredns', version: 'v1.15.0' },
  // v0.316.0 does not resolve.
  {
    name: 'prometheus',
    module: 'github.com/prometheus/prometheus',
    version: 'v0.314.0',
    package: 'github.com/prometheus/prometheus/cmd/prometheus',
  },
  {
    name: 'loki',
    module: 'github.com/grafana/loki/v3',
    version: 'v3.7.8',
    package: 'github.com/grafana/loki/v3/cmd/loki',
  },
  // The checksum database does not know some of its requirements: they are checked against Jaeger's own go.sum.
  {
    name: 'jaeger',
    module: 'github.com/jaegertracing/jaeger',
    version: 'v1.76.0',
    package: 'github.com/jaegertracing/jaeger/cmd/jaeger',
    ownSums: true,
  },
  { name: 'helm', module: 'helm.sh/helm/v4', version: 'v4.3.1', package: 'helm.sh/helm/v4/cmd/helm' },
  { name: 'kustomize', module: 'sigs.k8s.io/kustomize/kustomize/v5', version: 'v5.8.1' },
]
