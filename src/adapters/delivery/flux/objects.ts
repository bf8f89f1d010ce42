import type { KubernetesObject } from '#lib/kubernetes/objects.ts'
import type { ClusterObject, Place } from '#ports/delivery.ts'
import { folderOf } from '../delivery-commits.ts'
import { labels } from '../labels.ts'
import { deployerName, kustomizationKind, kustomizationName, platformName, sourceKind } from './names.ts'
import type { FluxOptions } from './options.ts'

const gatekeeperGroups = { templates: 'templates.gatekeeper.sh', constraints: 'constraints.gatekeeper.sh' }

/**
 * One account per team in Flux's namespace, with the rights of `fairway-deployer` in the team's and no others. It lies
 * beside the Kustomizations, because Flux looks for the account where they are: so none has to point elsewhere.
 */
export function clusterObjects(
  { namespace }: FluxOptions,
  { environment, teams }: { environment: string; teams: readonly string[] },
): readonly ClusterObject[] {
  return teams.flatMap((team) => {
    const name = deployerName({ team, environment })
    const own = { [labels.managedBy]: 'fairway', [labels.owner]: team, [labels.environment]: environment }
    const account = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, namespace, labels: own },
      automountServiceAccountToken: false,
    }
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'fairway-flux', namespace: `${team}-${environment}`, labels: own },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'fairway-deployer' },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    }
    return [
      { path: `flux/${team}/account.yaml`, object: account },
      { path: `flux/${team}/binding.yaml`, object: binding },
    ]
  })
}

/** The Kustomization of one service: its folder only, as its team's account, into its team's namespace. */
export function serviceKustomization(options: FluxOptions, place: Place, owner: string): KubernetesObject {
  const { environment, service } = place
  return {
    ...kustomizationKind,
    metadata: {
      name: kustomizationName(place),
      namespace: options.namespace,
      labels: { ...ownLabels(environment), [labels.service]: service, [labels.owner]: owner },
    },
    spec: {
      ...common(options, environment),
      path: `./${folderOf(place)}`,
      serviceAccountName: deployerName({ team: owner, environment }),
      targetNamespace: `${owner}-${environment}`,
    },
  }
}

/** The delivery repository as a source, read with the Secret of that name if there is one. */
export function sourceOf(options: FluxOptions, environment: string, secret: string | undefined): KubernetesObject {
  return {
    ...sourceKind,
    metadata: { name: platformName(environment), namespace: options.namespace, labels: ownLabels(environment) },
    spec: {
      url: options.repository,
      ref: { branch: 'main' },
      interval: `${options.intervalSeconds}s`,
      timeout: '60s',
      ...(secret && { secretRef: { name: secret } }),
    },
  }
}

/**
 * What delivers `clusters/<environment>`. Rules go apart and in order: Flux applies nothing of a set that holds a kind
 * the cluster does not know yet, and a rule's kind is made by its template.
 */
export function platformKustomizations(
  options: FluxOptions,
  environment: string,
  { admission }: { admission: boolean },
): readonly KubernetesObject[] {
  const name = platformName(environment)
  const { templates, constraints } = gatekeeperGroups
  const make = ({ suffix, path, without, dependsOn }: Part) => ({
    ...kustomizationKind,
    metadata: { name: `${name}${suffix}`, namespace: options.namespace, labels: ownLabels(environment) },
    spec: {
      ...common(options, environment),
      path: `./clusters/${environment}${path}`,
      ...(options.platformAccount && { serviceAccountName: options.platformAccount }),
      ...(dependsOn && { dependsOn: [{ name: dependsOn }] }),
      patches: without.map((group) => ({ target: { group }, patch: leaveOut })),
    },
  })
  const places = make({ suffix: '', path: '', without: [templates, constraints] })
  if (!admission) return [places]
  return [
    places,
    make({ suffix: '-templates', path: '/policies', without: [constraints] }),
    make({ suffix: '-rules', path: '/policies', without: [templates], dependsOn: `${name}-templates` }),
  ]
}

interface Part {
  readonly suffix: string
  /** Below `clusters/<environment>`. */
  readonly path: string
  /** Groups whose objects are left out. */
  readonly without: readonly string[]
  readonly dependsOn?: string
}

const leaveOut = '$patch: delete\napiVersion: any/v1\nkind: Any\nmetadata:\n  name: any\n'

function common({ intervalSeconds }: FluxOptions, environment: string) {
  return {
    interval: `${intervalSeconds}s`,
    retryInterval: '10s',
    timeout: '60s',
    sourceRef: { kind: sourceKind.kind, name: platformName(environment) },
    prune: true,
    // How a rollout ends is read from the Deployment.
    wait: false,
    force: false,
  }
}

function ownLabels(environment: string): Record<string, string> {
  return { [labels.managedBy]: 'fairway', [labels.environment]: environment }
}
