import { randomBytes } from 'node:crypto'
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
  /** What its credentials come from, beside files. */
  readonly env: Readonly<Record<string, string>>
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
    env: { FAIRWAY_LAB_HOOK_SECRET: randomBytes(24).toString('hex') },
  }
}
