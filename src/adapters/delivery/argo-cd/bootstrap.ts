import { createHash } from 'node:crypto'
import type { Cluster } from '#lib/kubernetes/cluster.ts'
import { readCredential } from '#lib/credential.ts'
import { PlatformError } from '#errors/platform-error.ts'
import type { KubernetesObject } from '#lib/kubernetes/objects.ts'
import { Name } from '#model/names.ts'
import type { AppliedObject } from '#ports/delivery.ts'
import { applyAll } from '../apply-all.ts'
import { labels } from '../labels.ts'
import { applicationKind, projectKind } from './names.ts'
import type { ArgoCdOptions } from './options.ts'
import { servicesName } from './cluster-files.ts'

/**
 * The one manifest: a project that only the platform uses, an Application that reads `clusters/<environment>`, and the
 * credential for the repository. Everything else Argo CD finds there.
 */
export async function bootstrap(
  { cluster, options }: { cluster: Cluster; options: ArgoCdOptions },
  { environment, dryRun }: { environment: string; dryRun: boolean },
  signal: AbortSignal,
): Promise<readonly AppliedObject[]> {
  if (!Name.safeParse(environment).success)
    throw new PlatformError('NAME_INVALID', `${JSON.stringify(environment)} is not a name.`)
  if (!(await cluster.serves(applicationKind, signal)))
    throw new PlatformError(
      'CLUSTER_KIND_UNKNOWN',
      `Argo CD is not installed in the cluster at ${await cluster.server()}`,
      {
        hint: 'install it first: docs/adapters/argo-cd.md',
      },
    )
  const credential = await credentialOf(options)
  const admission = await cluster.serves(
    { apiVersion: 'templates.gatekeeper.sh/v1', kind: 'ConstraintTemplate' },
    signal,
  )
  const root = rootOf(options, { environment, admission })
  const objects = [...(credential ? [credential] : []), projectOf(options, environment), root]
  return applyAll(cluster, objects, { dryRun, signal })
}

async function credentialOf({ repository, repositoryCredential, namespace }: ArgoCdOptions) {
  if (!repositoryCredential) return undefined
  const password = await readCredential(repositoryCredential.password)
  const object: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: credentialName(repository),
      namespace,
      labels: { 'argocd.argoproj.io/secret-type': 'repository', [labels.managedBy]: 'fairway' },
    },
    stringData: { type: 'git', url: repository, username: repositoryCredential.username, password },
  }
  return object
}

function projectOf({ namespace, repository, destination }: ArgoCdOptions, environment: string): KubernetesObject {
  return {
    ...projectKind,
    metadata: { name: projectName(environment), namespace, labels: ownLabels(environment) },
    spec: {
      description: `The platform in ${environment}: namespaces, rules and projects of teams`,
      sourceRepos: [repository],
      destinations: [{ server: destination, namespace: '*' }],
      clusterResourceWhitelist: [
        { group: '', kind: 'Namespace' },
        { group: 'templates.gatekeeper.sh', kind: 'ConstraintTemplate' },
        { group: 'constraints.gatekeeper.sh', kind: '*' },
      ],
    },
  }
}

function rootOf(
  { namespace, repository, destination }: ArgoCdOptions,
  { environment, admission }: { environment: string; admission: boolean },
): KubernetesObject {
  return {
    ...applicationKind,
    metadata: { name: servicesName(environment), namespace, labels: ownLabels(environment) },
    spec: {
      project: projectName(environment),
      source: {
        repoURL: repository,
        targetRevision: 'main',
        path: `clusters/${environment}`,
        // Rules whose kinds the cluster does not know would hold everything else up.
        directory: { recurse: true, ...(!admission && { exclude: 'policies/*' }) },
      },
      destination: { server: destination, namespace },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        // A rule's own kind exists only once its template was applied.
        syncOptions: ['SkipDryRunOnMissingResource=true', 'ServerSideApply=true'],
        retry: { limit: 10, backoff: { duration: '2s', factor: 2, maxDuration: '1m' } },
      },
    },
  }
}

/** The project of that one Application. No team's project has a dot in its name. */
export const projectName = (environment: string): string => `clusters.${environment}`

/** The Secret with the credential for the repository: one for all environments that read it. */
export function credentialName(repository: string): string {
  return `fairway-delivery-${createHash('sha256').update(repository).digest('hex').slice(0, 8)}`
}

function ownLabels(environment: string): Record<string, string> {
  return { [labels.managedBy]: 'fairway', [labels.environment]: environment }
}
