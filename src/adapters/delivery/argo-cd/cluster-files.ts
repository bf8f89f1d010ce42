import type { ClusterObject, ExtraKind } from '#ports/delivery.ts'
import type { KubernetesObject } from '#lib/kubernetes/objects.ts'
import { labels } from '../labels.ts'
import { applicationSetKind, askedAnnotation, projectKind } from './names.ts'
import type { ArgoCdOptions } from './options.ts'

/** What a team may bring into its namespace: what Fairway renders, and nothing that gives rights or reaches the cluster. */
const allowedKinds = [
  { group: 'apps', kind: 'Deployment' },
  { group: '', kind: 'Service' },
  { group: '', kind: 'ConfigMap' },
  { group: '', kind: 'ServiceAccount' },
  { group: 'networking.k8s.io', kind: 'NetworkPolicy' },
  { group: 'policy', kind: 'PodDisruptionBudget' },
]

interface Wanted {
  readonly environment: string
  readonly teams: readonly string[]
  readonly kinds?: readonly ExtraKind[]
}

/** One AppProject per team, and one ApplicationSet that makes an Application of every folder with a release. */
export function clusterObjects(options: ArgoCdOptions, wanted: Wanted): readonly ClusterObject[] {
  const { environment, teams, kinds = [] } = wanted
  const projects = teams.map((team) => ({
    name: `projects/${team}`,
    object: projectOf(options, { environment, team, kinds }),
  }))
  return [...projects, { name: 'services', object: servicesOf(options, environment) }].map(({ name, object }) => ({
    path: `argo-cd/${name}.yaml`,
    object,
  }))
}

function projectOf(
  { namespace, repository, destination }: ArgoCdOptions,
  { environment, team, kinds }: { environment: string; team: string; kinds: readonly ExtraKind[] },
): KubernetesObject {
  const own = `${team}-${environment}`
  return {
    ...projectKind,
    metadata: {
      name: own,
      namespace,
      labels: { [labels.managedBy]: 'fairway', [labels.owner]: team, [labels.environment]: environment },
      // Before what refers to it: an ApplicationSet that meets no project waits for minutes.
      annotations: { 'argocd.argoproj.io/sync-wave': '-1' },
    },
    spec: {
      description: `${team} in ${environment}`,
      sourceRepos: [repository],
      destinations: [{ server: destination, namespace: own }],
      clusterResourceWhitelist: [],
      namespaceResourceWhitelist: [...allowedKinds, ...kinds.map(({ group, kind }) => ({ group, kind }))],
      // In force where Argo CD has `application.sync.impersonation.enabled`: it then deploys with this account alone.
      destinationServiceAccounts: [{ server: destination, namespace: own, defaultServiceAccount: 'fairway-deployer' }],
    },
  }
}

function servicesOf({ namespace, repository, destination }: ArgoCdOptions, environment: string): KubernetesObject {
  return {
    ...applicationSetKind,
    metadata: {
      name: servicesName(environment),
      namespace,
      labels: { [labels.managedBy]: 'fairway', [labels.environment]: environment },
      annotations: { 'argocd.argoproj.io/sync-wave': '1' },
    },
    spec: {
      goTemplate: true,
      goTemplateOptions: ['missingkey=error'],
      preservedFields: { annotations: [askedAnnotation] },
      generators: [
        {
          git: {
            repoURL: repository,
            revision: 'main',
            files: [{ path: `envs/${environment}/*/release.yaml` }],
            requeueAfterSeconds: 180,
          },
        },
      ],
      template: {
        metadata: {
          name: `${environment}.{{ .path.basename }}`,
          labels: {
            [labels.managedBy]: 'fairway',
            [labels.service]: '{{ .path.basename }}',
            [labels.owner]: '{{ .owner }}',
            [labels.environment]: environment,
          },
          // What is removed from Git leaves the cluster with its Application.
          finalizers: ['resources-finalizer.argocd.argoproj.io'],
        },
        spec: {
          project: `{{ .owner }}-${environment}`,
          source: {
            repoURL: repository,
            targetRevision: 'main',
            path: '{{ .path.path }}',
            // Plain manifests: nothing is built, no other place is read.
            directory: { exclude: '{kustomization.yaml,release.yaml}' },
          },
          destination: { server: destination, namespace: `{{ .owner }}-${environment}` },
          revisionHistoryLimit: 10,
          syncPolicy: {
            // Stays on during a rollback: a rollback is a commit.
            automated: { prune: true, selfHeal: true },
            syncOptions: ['ApplyOutOfSyncOnly=true'],
            retry: { limit: 4, backoff: { duration: '2s', factor: 2, maxDuration: '30s' } },
          },
        },
      },
    },
  }
}

/** The ApplicationSet of an environment. */
export function servicesName(environment: string): string {
  return `fairway-${environment}`
}
