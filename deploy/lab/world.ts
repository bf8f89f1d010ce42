import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { gitea } from '#adapters/git-host/gitea/gitea.ts'
import { commitSigner } from '#lib/git/commit-signature.ts'
import { commitTree } from '#lib/git/commits.ts'
import { pushRefs } from '#lib/git/remote.ts'
import { openWorkRepository } from '#lib/git/repository.ts'
import { writeTree } from '#lib/git/trees.ts'
import { type Cluster, cluster } from '#lib/kubernetes/cluster.ts'
import { platformRepo } from '#model/names.ts'
import { startEmbeddedPostgres } from '#store/embedded-postgres.ts'
import { giteaAt } from '../../lab/engines/gitea.ts'
import { openLab } from '../../lab/run/lab-place.ts'
import { createKeys } from '../../src/main/secrets-file.ts'
import { labFacts } from '../../testing/lab.ts'
import { type Hooks, lastFirst } from '../../testing/last-first.ts'
import { tinyPlatformFiles } from '../../testing/tiny-platform.ts'

/** The products that several replicas share, with nothing of anybody else's in them. */
export interface World {
  /** The one environment of this platform. */
  readonly environment: string
  /** Where its services run. */
  readonly namespace: string
  readonly folder: string
  /** A folder for FAIRWAY_KEYS. */
  readonly keys: string
  /** Files that credentials come from, by the name that a Secret would give them. */
  readonly credentials: Readonly<Record<'gitea-token' | 'hook-secret', string>>
  readonly giteaUrl: string
  /** A PostgreSQL of its own, as this machine reaches it. */
  readonly databaseUrl: string
  readonly admin: Cluster
  /** fairway.yaml as a replica reads it: where its credentials and its kubeconfig lie, and where hooks reach it. */
  settings(place: { credential(name: string): string; kubeconfig?: string; hookUrl: string }): string
  /** Asks Gitea's API as its admin. */
  ask(path: string): Promise<unknown>
}

const engineName = 'gitea-replicas'
const port = 3420

/** Why it cannot be had here. */
export async function worldMissing(): Promise<string | false> {
  for (const engine of ['node', 'registry', 'argo-cd', 'gitea']) {
    const { skip } = await labFacts(engine)
    if (skip) return skip
  }
  return false
}

/** A Gitea of its own, an environment of its own in the lab's Argo CD, keys and credentials in files. */
export async function openWorld(t: Hooks): Promise<World> {
  const after = lastFirst(t)
  const lab = openLab(() => {})
  const engine = giteaAt({ name: engineName, port })
  const clear = async () => {
    await engine.stop?.(lab)
    await lab.forget(engineName)
    await rm(await lab.state(engineName), { recursive: true, force: true })
  }
  await clear() // what a killed test left
  after(clear)
  await engine.start(lab)
  const { facts } = await labFacts(engineName)
  const folder = await mkdtemp(join(tmpdir(), 'fairway-replicas-'))
  after(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o755) // PostgreSQL runs as a user of its own
  const keys = join(folder, 'keys')
  await createKeys(keys)
  const hookSecret = join(folder, 'hook-secret')
  await writeFile(hookSecret, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 })
  const credentials = { 'gitea-token': facts['tokenFile'] ?? '', 'hook-secret': hookSecret }
  const postgres = await startEmbeddedPostgres({
    folder: join(folder, 'postgres'),
    fsync: false,
    maxConnections: 200,
    log() {},
  })
  after(() => postgres.stop())
  const environment = `r${randomBytes(4).toString('hex')}`
  const giteaUrl = facts['url'] ?? ''
  await seed({ folder, giteaUrl, credentials, environment })
  const argo = (await labFacts('argo-cd')).facts
  const registry = (await labFacts('registry')).facts
  const admin = cluster({ kubeconfig: argo['kubeconfig'] })
  after(() => removeFromCluster(admin, environment, argo['namespace'] ?? 'argocd'))
  return {
    environment,
    namespace: `team-a-${environment}`,
    folder,
    keys,
    credentials,
    giteaUrl,
    databaseUrl: postgres.url,
    admin,
    settings({ credential, kubeconfig, hookUrl }) {
      const from = (name: string) => ({ fromFile: credential(name) })
      const adapters = {
        gitHost: {
          product: 'gitea',
          url: giteaUrl,
          token: from('gitea-token'),
          hookSecret: from('hook-secret'),
          hookUrl,
        },
        artifacts: { product: 'oci-registry', url: registry['url'] },
        delivery: {
          product: 'argo-cd',
          ...(kubeconfig && { kubeconfig }),
          namespace: argo['namespace'],
          repository: `${giteaUrl}/fairway/delivery.git`,
          repositoryCredential: { username: facts['user'], password: from('gitea-token') },
        },
      }
      return JSON.stringify({ apiVersion: 'fairway.dev/v1', kind: 'Platform', spec: { adapters } })
    },
    async ask(path) {
      const token = (await readFile(facts['adminTokenFile'] ?? '', 'utf8')).trim()
      const reply = await fetch(`${giteaUrl}/api/v1${path}`, { headers: { authorization: `token ${token}` } })
      return reply.json()
    },
  }
}

interface Seed {
  readonly folder: string
  readonly giteaUrl: string
  readonly credentials: World['credentials']
  readonly environment: string
}

/** The platform repository with the tiny golden path, which needs no package, and one environment. */
async function seed({ folder, giteaUrl, credentials, environment }: Seed): Promise<void> {
  const registry = (await labFacts('registry')).facts['registry'] ?? ''
  const shipped = tinyPlatformFiles()
  const dev = shipped.find(({ path }) => path === 'environments/dev.yaml')?.content ?? ''
  const own = dev
    .replace('name: dev', `name: ${environment}`)
    .replace('fairway.local', registry)
    .replace('rolloutSeconds: 60', 'rolloutSeconds: 300') // the machine is busy
  const files = [
    ...shipped.filter(({ path }) => !path.startsWith('environments/')),
    { path: `environments/${environment}.yaml`, content: own },
  ]
  const signer = commitSigner('replicas')
  const { host } = gitea(
    {
      url: giteaUrl,
      token: { fromFile: credentials['gitea-token'] },
      hookSecret: { fromFile: credentials['hook-secret'] },
    },
    {
      scratch: join(folder, 'seed-mirror'),
      portalUrl: 'http://localhost:7007',
      signer,
      membersOf: async () => [],
      seenBefore: async () => false,
      failed: () => {},
    },
  )
  const dir = join(folder, 'seed.git')
  await openWorkRepository(dir)
  await host.repositories.create({ repo: platformRepo, description: 'Settings', marker: 'seed', teams: [] })
  const commit = await commitTree(
    { dir },
    {
      tree: await writeTree({ dir }, files),
      parents: [],
      message: 'Begin',
      author: { name: 'fairway', email: 'fairway@fairway.local' },
      at: '2026-01-01T00:00:00Z',
    },
  )
  await pushRefs({ dir }, await host.remote(platformRepo), [{ commit, to: 'refs/heads/main', expect: 'absent' }])
}

/** Argo CD removes nothing once its repository is gone, so what is left is taken out by hand. */
async function removeFromCluster(admin: Cluster, environment: string, namespace: string): Promise<void> {
  const signal = AbortSignal.timeout(120_000)
  const argo = { apiVersion: 'argoproj.io/v1alpha1', namespace }
  const choice = { labels: `fairway.dev/environment=${environment}` }
  await admin.delete({ ...argo, kind: 'Application', name: `fairway-${environment}` }, signal)
  await admin.delete({ ...argo, kind: 'ApplicationSet', name: `fairway-${environment}` }, signal)
  for (const { metadata } of await admin.list({ ...argo, kind: 'Application' }, choice, signal)) {
    const ref = { ...argo, kind: 'Application', name: metadata.name }
    await admin.patch(ref, { metadata: { finalizers: null } }, signal).catch(() => {})
    await admin.delete(ref, signal)
  }
  // What a sync that was under way still makes, too.
  const rules = { apiVersion: 'templates.gatekeeper.sh/v1', kind: 'ConstraintTemplate' }
  const project = { ...argo, kind: 'AppProject' }
  let quiet = 0
  while (quiet < 3) {
    const found = [project, rules].map(async (kind) => {
      const list = await admin.list(kind, choice, signal)
      for (const { metadata } of list) await admin.delete({ ...kind, name: metadata.name }, signal)
      return list.length
    })
    quiet = (await Promise.all(found)).every((count) => count === 0) ? quiet + 1 : 0
    await pause(1_000)
  }
  const namespaces = await admin.list({ apiVersion: 'v1', kind: 'Namespace' }, choice, signal)
  for (const { metadata } of namespaces)
    await admin.delete({ apiVersion: 'v1', kind: 'Namespace', name: metadata.name }, signal)
}
