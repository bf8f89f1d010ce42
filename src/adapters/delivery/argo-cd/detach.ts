import type { Cluster } from '#lib/kubernetes/cluster.ts'
import { type KubernetesObject, refOf } from '#lib/kubernetes/objects.ts'
import type { AppliedObject } from '#ports/delivery.ts'
import { labels } from '../labels.ts'
import { bootstrap, credentialName, projectName } from './bootstrap.ts'
import { servicesName } from './cluster-files.ts'
import { applicationKind, projectKind } from './names.ts'
import type { ArgoCdOptions } from './options.ts'

/**
 * Deletes the one Application that `bootstrap` made, with everything below it: Argo CD takes away the services, then the
 * namespaces and rules, then the teams' projects. What only it needed goes after it. Tells what is still there; nothing when
 * all of it is gone.
 */
export async function detach(
  { cluster, options }: { cluster: Cluster; options: ArgoCdOptions },
  { environment, dryRun }: { environment: string; dryRun: boolean },
  signal: AbortSignal,
): Promise<readonly AppliedObject[]> {
  const asked = { environment, options }
  let found = await findPointed(cluster, asked, signal)
  if (!dryRun && !found.root && found.services.length + found.projects.length > 0) {
    // Somebody took the one Application away and left the rest, which only it takes along.
    await bootstrap({ cluster, options }, { environment, dryRun }, signal)
    found = await findPointed(cluster, asked, signal)
  }
  const { root, services, projects, own } = found
  if (!dryRun && root && !root.metadata.deletionTimestamp) {
    const { apiVersion, kind, metadata } = root
    const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid, blockOwnerDeletion: false }
    for (const object of own) await cluster.patch(refOf(object), { metadata: { ownerReferences: [owner] } }, signal)
    await cluster.patch(refOf(root), { metadata: { finalizers: ['resources-finalizer.argocd.argoproj.io'] } }, signal)
    await cluster.delete(refOf(root), signal)
  }
  if (!dryRun && !root) for (const object of own) await cluster.delete(refOf(object), signal)
  return [...services, ...projects, ...(root ? [root] : []), ...own].map(told)
}

/** `own` is what nobody but the Application of this environment needs. */
async function findPointed(
  cluster: Cluster,
  { environment, options }: { environment: string; options: ArgoCdOptions },
  signal: AbortSignal,
) {
  const { namespace } = options
  const all = await cluster.list({ ...applicationKind, namespace }, { labels: `${labels.managedBy}=fairway` }, signal)
  const isRoot = ({ metadata }: KubernetesObject) =>
    metadata.name === servicesName(metadata.labels?.[labels.environment] ?? '')
  const here = ({ metadata }: KubernetesObject) => metadata.labels?.[labels.environment] === environment
  const root = all.find((one) => isRoot(one) && here(one))
  const choice = { labels: `${labels.managedBy}=fairway,${labels.environment}=${environment}` }
  const projects = await cluster.list({ ...projectKind, namespace }, choice, signal)
  const isOwn = ({ metadata }: KubernetesObject) => metadata.name === projectName(environment)
  const readsIt = ({ spec }: KubernetesObject) =>
    (spec as { source?: { repoURL?: string } } | undefined)?.source?.repoURL === options.repository
  const others = all.some((one) => isRoot(one) && !here(one) && readsIt(one))
  const credential = { apiVersion: 'v1', kind: 'Secret', namespace, name: credentialName(options.repository) }
  const secret = others || !options.repositoryCredential ? undefined : await cluster.get(credential, signal)
  return {
    root,
    services: all.filter((one) => here(one) && !isRoot(one)),
    projects: projects.filter((one) => !isOwn(one)),
    own: [...projects.filter(isOwn), ...(secret ? [secret] : [])],
  }
}

function told({ kind, metadata: { name, namespace } }: KubernetesObject): AppliedObject {
  const object = { kind, metadata: { name, namespace } }
  return { name: `${kind} ${namespace ? `${namespace}/` : ''}${name}`, change: 'deleted', object }
}
