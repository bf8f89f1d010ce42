import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { argoCd } from '#adapters/delivery/argo-cd/argo-cd.ts'
import { ArgoCdOptions } from '#adapters/delivery/argo-cd/options.ts'
import { deliveryCommits } from '#adapters/delivery/delivery-commits.ts'
import { localFiles } from '#adapters/git-host/local/files.ts'
import { type Cluster, cluster } from '#lib/kubernetes/cluster.ts'
import type { Delivery, Place } from '#ports/delivery.ts'
import type { Files } from '#ports/git-host.ts'
import { commitFolder } from '../commit-folder.ts'
import { waitUntil } from '../wait-until.ts'
import { type GitServer, startGitServer } from '../git-server.ts'

export interface ArgoCdWorld {
  readonly delivery: Delivery
  readonly admin: Cluster
  readonly environment: string
  readonly namespace: string
  readonly git: GitServer
  readonly options: ArgoCdOptions
  publish(place: Place, files: Readonly<Record<string, string>> | undefined): Promise<string>
  /** The adapter as others would configure it. */
  adapter(more: Partial<ArgoCdOptions>): Delivery
}

/** An environment of a test's own in the lab's Argo CD: a delivery repository, bootstrapped by the adapter itself. */
export async function argoCdWorld(
  t: Pick<TestContext, 'after'>,
  facts: Readonly<Record<string, string>>,
): Promise<ArgoCdWorld> {
  const environment = `e${crypto.randomUUID().slice(0, 8)}x`
  const namespace = `team-a-${environment}`
  const folder = await mkdtemp(join(tmpdir(), 'fairway-argo-cd-'))
  const git = await startGitServer(t)
  await commitFolder(git.repo, undefined, undefined)
  const password = join(folder, 'password')
  await writeFile(password, git.remote.password, { mode: 0o600 })
  const options = ArgoCdOptions.parse({
    kubeconfig: facts['kubeconfig'],
    namespace: facts['namespace'],
    repository: git.remote.url,
    repositoryCredential: { username: git.remote.username, password: { fromFile: password } },
    urlPattern: 'https://{service}.{environment}.example.com',
    lagSeconds: 60,
  })
  const files = localFiles({ need: async () => git.repo } as unknown as Parameters<typeof localFiles>[0]) as Files
  const adapter: ArgoCdWorld['adapter'] = (more) =>
    argoCd({ ...options, ...more }, { commits: deliveryCommits(() => ({ files })) })
  const delivery = adapter({})
  const admin = cluster({ kubeconfig: options.kubeconfig })
  t.after(async () => {
    await removeAll(admin, { environment, namespace, options })
    await rm(folder, { recursive: true, force: true })
  })
  const objects = delivery.clusterObjects?.({ environment, teams: ['team-a'] }) ?? []
  const own = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
  const written = [{ path: 'namespace.yaml', object: own }, ...objects]
  await commitFolder(
    git.repo,
    `clusters/${environment}`,
    Object.fromEntries(written.map(({ path, object }) => [path, JSON.stringify(object)])),
  )
  await delivery.bootstrap?.(environment, { dryRun: false }, AbortSignal.timeout(30_000))
  return {
    delivery,
    admin,
    environment,
    namespace,
    git,
    options,
    adapter,
    publish: (place, wanted) => commitFolder(git.repo, place, wanted),
  }
}

/** Argo CD removes nothing once its repository is gone, so what is left is taken out by hand. */
async function removeAll(
  admin: Cluster,
  { environment, namespace, options }: { environment: string; namespace: string; options: ArgoCdOptions },
): Promise<void> {
  await removeEnvironment(admin, { environment, namespace, argoNamespace: options.namespace })
  const signal = AbortSignal.timeout(60_000)
  const secrets = { apiVersion: 'v1', kind: 'Secret', namespace: options.namespace }
  const choice = { labels: 'app.kubernetes.io/managed-by=fairway' }
  for (const { metadata, data } of await admin.list(secrets, choice, signal))
    if (atob((data as { url?: string }).url ?? '') === options.repository)
      await admin.delete({ ...secrets, name: metadata.name }, signal)
}

/** Everything that Argo CD and Gatekeeper know of an environment, and a namespace of it with all that runs there. */
export async function removeEnvironment(
  admin: Cluster,
  { environment, namespace, argoNamespace }: { environment: string; namespace: string; argoNamespace: string },
): Promise<void> {
  const signal = AbortSignal.timeout(120_000)
  const argo = { apiVersion: 'argoproj.io/v1alpha1', namespace: argoNamespace }
  const choice = { labels: `fairway.dev/environment=${environment}` }
  await admin.delete({ ...argo, kind: 'Application', name: `fairway-${environment}` }, signal)
  await admin.delete({ ...argo, kind: 'ApplicationSet', name: `fairway-${environment}` }, signal)
  for (const { metadata } of await admin.list({ ...argo, kind: 'Application' }, choice, signal)) {
    const ref = { ...argo, kind: 'Application', name: metadata.name }
    await admin.patch(ref, { metadata: { finalizers: null } }, signal).catch(() => {})
    await admin.delete(ref, signal)
  }
  for (const { metadata } of await admin.list({ ...argo, kind: 'AppProject' }, choice, signal))
    await admin.delete({ ...argo, kind: 'AppProject', name: metadata.name }, signal)
  const templates = { apiVersion: 'templates.gatekeeper.sh/v1', kind: 'ConstraintTemplate' }
  for (const { metadata } of await admin.list(templates, choice, signal))
    await admin.delete({ ...templates, name: metadata.name }, signal)
  const place = { apiVersion: 'v1', kind: 'Namespace', name: namespace }
  await admin.delete(place, signal)
  await waitUntil(async () => (await admin.get(place, signal)) === undefined, {
    what: `namespace ${namespace} to be gone`,
    ms: 120_000,
    everyMs: 500,
  })
}
