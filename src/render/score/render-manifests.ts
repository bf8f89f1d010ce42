import { PlatformError } from '#errors/platform-error.ts'
import { Commit, Digest, Name } from '#model/names.ts'
import type { RenderedFile } from '../rendered-file.ts'
import { withKustomization } from '../yaml/kustomization.ts'
import { writeYaml } from '../yaml/write-yaml.ts'
import { configMapOf } from './config-map.ts'
import { deploymentOf, replicasOf } from './deployment.ts'
import { metadataOf, selectorOf } from './labels.ts'
import { networkPolicyOf } from './network-policy.ts'
import type { ManifestRequest } from './request.ts'
import { serviceOf } from './service.ts'

/** Written into release.yaml. Grows when the same input renders to other bytes; such a change reaches an environment by a change request of its own. */
export const rendererVersion = '2'

/** The Kubernetes manifests of a release in an environment, sorted by path. A pure function: same input, same bytes. */
export function renderManifests(request: ManifestRequest): readonly RenderedFile[] {
  checkRequest(request)
  const objects: Record<string, unknown> = {
    'config-map.yaml': configMapOf(request),
    'deployment.yaml': deploymentOf(request),
    'disruption-budget.yaml': disruptionBudgetOf(request),
    'network-policy.yaml': networkPolicyOf(request),
    'service-account.yaml': serviceAccountOf(request),
    'service.yaml': serviceOf(request),
  }
  const files = Object.entries(objects).flatMap(([path, object]) =>
    object === undefined ? [] : [{ path, content: writeYaml(object) }],
  )
  return withKustomization(files)
}

function checkRequest({ score, release, environment }: ManifestRequest): void {
  Name.parse(release.service)
  Name.parse(release.owner)
  Name.parse(environment.metadata.name)
  Commit.parse(release.commit)
  Digest.parse(release.digest)
  if (score.metadata.name !== release.service) {
    const message = `this is ${score.metadata.name}, the service is ${release.service}`
    throw new PlatformError('SCORE_INVALID', `score.yaml, metadata.name: ${message}.`, {
      errors: [{ path: 'metadata/name', message }],
    })
  }
}

function serviceAccountOf(request: ManifestRequest) {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadataOf(request),
    automountServiceAccountToken: false,
  }
}

/** From two replicas on: a drained node takes one pod at a time. With one, a budget would block the drain for ever. */
function disruptionBudgetOf(request: ManifestRequest) {
  if (replicasOf(request) < 2) return undefined
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadataOf(request),
    spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(request) } },
  }
}
