import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { labFacts } from './lab.ts'

type Facts = Readonly<Record<string, string>>

/** A product of the lab: the port it stands behind, and its part of fairway.yaml by the lab's facts. */
const products = {
  gitea: {
    port: 'gitHost',
    engine: 'gitea',
    options: ({ url, tokenFile }: Facts) => ({
      url,
      token: { fromFile: tokenFile },
      hookSecret: { fromEnv: 'FAIRWAY_LAB_HOOK_SECRET' },
    }),
  },
  'oci-registry': { port: 'artifacts', engine: 'registry', options: ({ url }: Facts) => ({ url }) },
  prometheus: { port: 'metrics', engine: 'prometheus', options: ({ url }: Facts) => ({ url, exportSeconds: 5 }) },
  loki: { port: 'logs', engine: 'loki', options: ({ url, tenant }: Facts) => ({ url, ...(tenant && { tenant }) }) },
  jaeger: { port: 'traces', engine: 'jaeger', options: ({ url, otlpUrl }: Facts) => ({ url, otlpUrl }) },
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
  const adapters: Record<string, unknown> = {}
  const missing: string[] = []
  for (const name of wanted) {
    const { port, engine, options } = products[name]
    const { skip, facts } = await labFacts(engine)
    if (skip) missing.push(skip)
    else adapters[port] = { product: name, ...options(facts) }
  }
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
export async function clearGitea(owners: readonly string[] = ['fairway', 'team-a']): Promise<void> {
  const { facts } = await labFacts('gitea')
  const token = (await readFile(facts['adminTokenFile'] ?? '', 'utf8')).trim()
  const ask = (method: string, path: string) =>
    fetch(`${facts['url']}/api/v1${path}`, { method, headers: { authorization: `token ${token}` } })
  for (const owner of owners) {
    for (const [kind, each] of [
      ['repos', ({ name }: { name?: string }) => `/repos/${owner}/${name}`],
      ['hooks', ({ id }: { id?: number }) => `/orgs/${owner}/hooks/${id}`],
    ] as const) {
      const reply = await ask('GET', `/orgs/${owner}/${kind}?limit=50`)
      const found = reply.ok ? ((await reply.json()) as { name?: string; id?: number }[]) : []
      for (const one of found) await ask('DELETE', each(one))
    }
  }
}
