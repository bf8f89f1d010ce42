import type { Cluster } from '#lib/kubernetes/cluster.ts'
import { type KubernetesObject, refOf } from '#lib/kubernetes/objects.ts'
import type { DeliveryCommits } from '../delivery-commits.ts'
import { labels } from '../labels.ts'
import { kustomizationKind } from './names.ts'
import { serviceKustomization } from './objects.ts'
import type { FluxOptions } from './options.ts'

interface Together {
  readonly cluster: Cluster
  readonly commits: DeliveryCommits
  readonly options: FluxOptions
}

/**
 * One Kustomization for each folder that main has, and none for others: Flux itself makes none of a folder. Only ours
 * are looked at. The cluster is read before Git, so that one which another made meanwhile is never taken for left over.
 */
export async function followGit(
  { cluster, commits, options }: Together,
  environment: string,
  signal: AbortSignal,
): Promise<{ readonly wanted: readonly KubernetesObject[]; readonly leftOver: readonly KubernetesObject[] }> {
  const choice = { labels: `${labels.managedBy}=fairway,${labels.environment}=${environment},${labels.service}` }
  const present = await cluster.list({ ...kustomizationKind, namespace: options.namespace }, choice, signal)
  const services = await commits.services(environment)
  const wanted = services.map(({ service, owner }) => serviceKustomization(options, { environment, service }, owner))
  const names = new Set(wanted.map(({ metadata }) => metadata.name))
  return { wanted, leftOver: present.filter(({ metadata }) => !names.has(metadata.name)) }
}

/** Makes it so. What is removed takes what it deployed with it. */
export async function applyFollowing(together: Together, environment: string, signal: AbortSignal): Promise<void> {
  const { wanted, leftOver } = await followGit(together, environment, signal)
  for (const object of wanted) await together.cluster.apply(object, { force: true }, signal)
  for (const object of leftOver) await together.cluster.delete(refOf(object), signal)
}
