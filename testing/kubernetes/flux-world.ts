import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { deliveryCommits } from '#adapters/delivery/delivery-commits.ts'
import { flux } from '#adapters/delivery/flux/flux.ts'
import { FluxOptions } from '#adapters/delivery/flux/options.ts'
import { localFiles } from '#adapters/git-host/local/files.ts'
import { type Cluster, cluster } from '#lib/kubernetes/cluster.ts'
import { type KubernetesObject, refOf } from '#lib/kubernetes/objects.ts'
import type { Delivery, Place } from '#ports/delivery.ts'
import type { Files } from '#ports/git-host.ts'
import { commitFolder } from '../commit-folder.ts'
import { type GitServer, startGitServer } from '../git-server.ts'
import { waitUntil } from '../wait-until.ts'

export interface FluxWorld {
  readonly delivery: Delivery
  readonly admin: Cluster
  readonly environment: string
  readonly namespace: string
  readonly git: GitServer
  readonly options: FluxOptions
  publish(place: Place, files: Readonly<Record<string, string>> | undefined): Promise<string>
  /** The adapter as others would configure it. */
  adapter(more: Partial<FluxOptions>): Delivery
}

/** An environment of a test's own: a delivery repository, a team's namespace with its deployer, bootstrapped by the adapter. */
export async function fluxWorld(
  t: Pick<TestContext, 'after'>,
  facts: Readonly<Record<string, string>>,
): Promise<FluxWorld> {
  const environment = `e${crypto.randomUUID().slice(0, 8)}x`
  const namespace = `team-a-${environment}`
  const folder = await mkdtemp(join(tmpdir(), 'fairway-flux-'))
  const git = await startGitServer(t)
  await commitFolder(git.repo, undefined, undefined)
  const password = join(folder, 'password')
  await writeFile(password, git.remote.password, { mode: 0o600 })
  const options = FluxOptions.parse({
    kubeconfig: facts['kubeconfig'],
    namespace: facts['namespace'],
    repository: git.remote.url,
    repositoryCredential: { username: git.remote.username, password: { fromFile: password } },
    urlPattern: 'https://{service}.{environment}.example.com',
    lagSeconds: 60,
  })
  const files = localFiles({ need: async () => git.repo } as unknown as Parameters<typeof localFiles>[0]) as Files
  const adapter: FluxWorld['adapter'] = (more) =>
    flux({ ...options, ...more }, { commits: deliveryCommits(() => ({ files })) })
  const delivery = adapter({})
  const admin = cluster({ kubeconfig: options.kubeconfig })
  t.after(async () => {
    await removeAll(admin, { environment, namespace, options })
    await rm(folder, { recursive: true, force: true })
  })
  const objects = (delivery.clusterObjects?.({ environment, teams: ['team-a'] }) ?? []).map(({ object }) => object)
  for (const object of [...wallsOf(namespace), ...(objects as KubernetesObject[])])
    await admin.apply(object, { force: true }, AbortSignal.timeout(30_000))
  const written = objects.map((object, index) => [`flux-${index}.yaml`, JSON.stringify(object)])
  await commitFolder(git.repo, `clusters/${environment}`, Object.fromEntries(written))
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

/** The namespace of a team and the rights in it that Fairway renders for whoever deploys. */
function wallsOf(namespace: string): readonly KubernetesObject[] {
  const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'fairway-deployer', namespace },
      rules: [
        { apiGroups: [''], resources: ['services', 'configmaps', 'serviceaccounts'], verbs },
        { apiGroups: ['apps'], resources: ['deployments'], verbs },
        { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs },
        { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs },
      ],
    },
  ]
}

// Without a controller nobody takes finalizers off, so they are taken off by hand.
async function removeAll(
  admin: Cluster,
  { environment, namespace, options }: { environment: string; namespace: string; options: FluxOptions },
): Promise<void> {
  const signal = AbortSignal.timeout(150_000)
  const choice = { labels: `fairway.dev/environment=${environment}` }
  const kinds = [
    { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' },
    { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' },
    { apiVersion: 'v1', kind: 'ServiceAccount' },
    { apiVersion: 'v1', kind: 'Secret' },
  ]
  for (const kind of kinds)
    for (const object of await admin.list({ ...kind, namespace: options.namespace }, choice, signal)) {
      await admin.patch(refOf(object), { metadata: { finalizers: null } }, signal).catch(() => {})
      await admin.delete(refOf(object), signal)
    }
  const place = { apiVersion: 'v1', kind: 'Namespace', name: namespace }
  await admin.delete(place, signal)
  await waitUntil(async () => (await admin.get(place, signal)) === undefined, {
    what: `namespace ${namespace} to be gone`,
    ms: 120_000,
    everyMs: 500,
  })
}
