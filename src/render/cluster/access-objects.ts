import type { IRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role'
import type { IRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding'
import type { IServiceAccount } from 'kubernetes-models/v1/ServiceAccount'
import { ruleKind } from '../observability/platform-files.ts'
import { type TeamPlace, teamMetadata } from './team-objects.ts'

/** The account under which the delivery controller works in a team's namespace. */
export const deployer = 'fairway-deployer'

/** Members see everything in their namespace but secrets; they change it through Git. */
export function viewersObject(place: TeamPlace): IRoleBinding {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: teamMetadata(place, 'team-members'),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: place.team }],
  }
}

/** What the controller may deploy: the kinds a team may bring, in this namespace only, and no secret. */
export function deployerRoleObject(place: TeamPlace, { ruleObjects = false } = {}): IRole {
  const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: teamMetadata(place, deployer),
    rules: [
      { apiGroups: [''], resources: ['services', 'configmaps', 'serviceaccounts'], verbs },
      { apiGroups: ['apps'], resources: ['deployments'], verbs },
      { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs },
      { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs },
      ...(ruleObjects ? [{ apiGroups: [ruleKind.group], resources: [ruleKind.plural], verbs }] : []),
      { apiGroups: [''], resources: ['pods', 'events'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['get', 'list', 'watch'] },
    ],
  }
}

export function deployerBindingObject(place: TeamPlace): IRoleBinding {
  const metadata = teamMetadata(place, deployer)
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: deployer },
    subjects: [{ kind: 'ServiceAccount', name: deployer, namespace: metadata.namespace }],
  }
}

/** An account of the namespace. Its token is mounted nowhere: a pod that does not ask the cluster needs none. */
export function accountObject(place: TeamPlace, name: string): IServiceAccount {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: teamMetadata(place, name),
    automountServiceAccountToken: false,
  }
}
