import { readCredential } from '#lib/credential.ts'
import type { Cluster } from '#lib/kubernetes/cluster.ts'
import type { KubernetesObject } from '#lib/kubernetes/objects.ts'
import { PlatformError } from '#errors/platform-error.ts'
import type { AppliedObject } from '#ports/delivery.ts'
import { applyAll } from '../apply-all.ts'
import type { DeliveryCommits } from '../delivery-commits.ts'
import { labels } from '../labels.ts'
import { followGit } from './follow-git.ts'
import { kustomizationKind, platformName, sourceKind } from './names.ts'
import { platformKustomizations, sourceOf } from './objects.ts'
import type { FluxOptions } from './options.ts'

/**
 * The source with its credential, the Kustomizations that read `clusters/<environment>`, and one for each service that
 * Git holds already.
 */
export async function bootstrap(
  together: { cluster: Cluster; commits: DeliveryCommits; options: FluxOptions },
  { environment, dryRun }: { environment: string; dryRun: boolean },
  signal: AbortSignal,
): Promise<readonly AppliedObject[]> {
  const { cluster, options } = together
  platformName(environment)
  for (const kind of [sourceKind, kustomizationKind])
    if (!(await cluster.serves(kind, signal)))
      throw new PlatformError(
        'CLUSTER_KIND_UNKNOWN',
        `Flux is not installed in the cluster at ${await cluster.server()}`,
        {
          hint: 'install source-controller and kustomize-controller first: docs/adapters/flux.md',
        },
      )
  const template = { apiVersion: 'templates.gatekeeper.sh/v1', kind: 'ConstraintTemplate' }
  const admission = await cluster.serves(template, signal)
  const credential = await credentialOf(options, environment)
  const { wanted } = await followGit(together, environment, signal)
  const objects = [
    ...(credential ? [credential] : []),
    sourceOf(options, environment, credential?.metadata.name),
    ...platformKustomizations(options, environment, { admission }),
    ...wanted,
  ]
  return applyAll(cluster, objects, { dryRun, signal })
}

async function credentialOf(
  { repositoryCredential, namespace }: FluxOptions,
  environment: string,
): Promise<KubernetesObject | undefined> {
  if (!repositoryCredential) return undefined
  const password = await readCredential(repositoryCredential.password)
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: platformName(environment),
      namespace,
      labels: { [labels.managedBy]: 'fairway', [labels.environment]: environment },
    },
    stringData: { username: repositoryCredential.username, password },
  }
}
