import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { labFacts } from './lab.ts'

type Facts = Readonly<Record<string, string>>

interface Around {
  /** Facts of an engine that the product needs. */
  readonly of: (engine: string) => Facts
  /** Who brings signals: where services are pods, a collector of the cluster's operator. */
  readonly writtenBy: 'platform' | 'collector'
}

/** A product of the lab: the port it stands behind, and its part of fairway.yaml by the lab's facts. */
const products = {
  gitea: {
    port: 'gitHost',
    engines: ['gitea'],
    options: ({ of }: Around) => ({
      url: of('gitea')['url'],
      token: { fromFile: of('gitea')['tokenFile'] },
      hookSecret: { fromEnv: 'FAIRWAY_LAB_HOOK_SECRET' },
    }),
  },
  'oci-registry': {
    port: 'artifacts',
    engines: ['registry'],
    options: ({ of }: Around) => ({ url: of('registry')['url'] }),
  },
  'argo-cd': {
    port: 'delivery',
    engines: ['argo-cd', 'node', 'gitea', 'collector'],
    options: ({ of }: Around) => ({
      kubeconfig: of('argo-cd')['kubeconfig'],
      namespace: of('argo-cd')['namespace'],
      repository: `${of('gitea')['url']}/fairway/delivery.git`,
      repositoryCredential: { username: of('gitea')['user'], password: { fromFile: of('gitea')['tokenFile'] } },
      urlPattern: 'http://{service}.{environment}.localhost:GATEWAY_PORT',
      otlpEndpoint: of('collector')['otlpUrl'],
    }),
  },
  gatekeeper: {
    port: 'admission',
    engines: ['gatekeeper'],
    options: ({ of }: Around) => ({ kubeconfig: of('gatekeeper')['kubeconfig'] }),
  },
  prometheus: {
    port: 'metrics',
    engines: ['prometheus'],
    options: ({ of, writtenBy }: Around) => ({
      url: of('prometheus')['url'],
      exportSeconds: 5,
      writtenBy,
      grafana: { url: 'https://grafana.example.com' },
      alertRules: 'configmap',
    }),
  },
  loki: {
    port: 'logs',
    engines: ['loki'],
    options: ({ of, writtenBy }: Around) => {
      const { url, tenant } = of('loki')
      return { url, ...(tenant && { tenant }), writtenBy }
    },
  },
  jaeger: {
    port: 'traces',
    engines: ['jaeger'],
    options: ({ of, writtenBy }: Around) => {
      const { url, otlpUrl } = of('jaeger')
      return { url, ...(writtenBy === 'platform' && { otlpUrl }) }
    },
  },
} as const

export type LabProduct = keyof typeof products

export interface LabConfig {
  /** Why a test with these products cannot run here. */
  readonly skip: string | false
  readonly products: readonly LabProduct[]
  /** A fairway.yaml for FAIRWAY_CONFIG. */
  readonly text: string
  /** What its credentials come from, and what the people's Git signs in with at a Git host that is not ours. */
  env(folder: string): Promise<Readonly<Record<string, string>>>
}

/** The start-up file that puts a platform on these products of this machine's lab; the other ports stay embedded. */
export async function labConfig(wanted: readonly LabProduct[]): Promise<LabConfig> {
  const facts = new Map<string, Facts>()
  const missing: string[] = []
  for (const engine of new Set(wanted.flatMap((name) => products[name].engines))) {
    const found = await labFacts(engine)
    if (found.skip) missing.push(found.skip)
    facts.set(engine, found.facts)
  }
  const around: Around = {
    of: (engine) => facts.get(engine) ?? {},
    writtenBy: wanted.includes('argo-cd') ? 'collector' : 'platform',
  }
  const adapters = Object.fromEntries(
    wanted.map((name) => [products[name].port, { product: name, ...products[name].options(around) }]),
  )
  return {
    skip: missing.length > 0 ? missing.join('; ') : false,
    products: wanted,
    text: stringify({ apiVersion: 'fairway.dev/v1', kind: 'Platform', spec: { adapters } }),
    env: async (folder) => ({
      FAIRWAY_LAB_HOOK_SECRET: randomBytes(24).toString('hex'),
      ...(wanted.includes('gitea') ? await giteaPeople(folder) : {}),
    }),
  }
}

/** The people's own credentials at the lab's Gitea, as their Git keeps them. */
async function giteaPeople(folder: string): Promise<Record<string, string>> {
  const { facts } = await labFacts('gitea')
  const password = (await readFile(facts['passwordFile'] ?? '', 'utf8')).trim()
  const host = new URL(facts['url'] ?? '').host
  const [kept, config] = [join(folder, 'git-credentials'), join(folder, 'gitconfig')]
  const lines = ['dev', 'dev2', 'platform', 'platform2'].map((name) => `http://${name}:${password}@${host}\n`)
  await writeFile(kept, lines.join(''), { mode: 0o600 })
  await writeFile(config, `[credential]\n\thelper = store --file ${kept}\n`)
  return { GIT_CONFIG_GLOBAL: config }
}

/** Takes away what an earlier platform left at the lab's Gitea: repositories and hooks of the organisations it uses. */
export async function clearGitea(): Promise<void> {
  const { owned, remove } = await giteaAdmin()
  for (const owner of owners)
    for (const { name } of await owned(owner, 'repos')) await remove(`/repos/${owner}/${name}`)
  await clearHooks()
}

/** From now on Gitea tells no platform of anything: how a lost hook looks from here. */
export async function clearHooks(): Promise<void> {
  const { owned, remove } = await giteaAdmin()
  for (const owner of owners)
    for (const { id } of await owned(owner, 'hooks')) await remove(`/orgs/${owner}/hooks/${id}`)
}

const owners = ['fairway', 'team-a']

async function giteaAdmin() {
  const { facts } = await labFacts('gitea')
  const token = (await readFile(facts['adminTokenFile'] ?? '', 'utf8')).trim()
  const ask = (method: string, path: string) =>
    fetch(`${facts['url']}/api/v1${path}`, { method, headers: { authorization: `token ${token}` } })
  return {
    async owned(owner: string, kind: 'repos' | 'hooks'): Promise<readonly { name?: string; id?: number }[]> {
      const reply = await ask('GET', `/orgs/${owner}/${kind}?limit=50`)
      return reply.ok ? ((await reply.json()) as { name?: string; id?: number }[]) : []
    },
    remove: (path: string) => ask('DELETE', path),
  }
}
