import { codeOf } from '#errors/platform-error.ts'
import { CredentialSource, readCredential } from '#lib/credential.ts'
import { type AdapterChoice, type AdapterPort, type Adapters, productOf } from '#model/adapters.ts'
import type { ConnectionCheck } from '#ports/connection-check.ts'
import type { LiveFinding } from '#services/live-checks.ts'
import type { AcceptedAdapters } from './adapters/accept-adapters.ts'

/** Something to try behind a port. */
export interface Probe {
  readonly port: AdapterPort | 'notifications'
  readonly choice: AdapterChoice
  ask(): Promise<readonly ConnectionCheck[]>
}

const limitMs = 10_000
const longestText = 600

/** The live checks of every chosen product. */
export function productProbes(adapters: Adapters, accepted: AcceptedAdapters): Probe[] {
  return (Object.keys(accepted) as (keyof AcceptedAdapters)[]).flatMap((port) => {
    const product = accepted[port]
    return product ? [{ port, choice: adapters[port], ask: () => product.checkConnection() }] : []
  })
}

/** Tries all at once, each within 10 s. One that fails or hangs is a finding of its own; no credential is in any. */
export async function runProbes(probes: readonly Probe[], ms = limitMs): Promise<readonly LiveFinding[]> {
  const found = await Promise.all(probes.map((probe) => findingsOf(probe, ms)))
  return found.flat()
}

async function findingsOf({ port, choice, ask }: Probe, ms: number): Promise<LiveFinding[]> {
  const clean = await cleaner(choice)
  const checks = await within(ask, ms).catch((error: unknown) => [failed(error)])
  return checks.map(({ check, state, found, hint }) => ({
    port,
    product: productOf(choice),
    check: clean(check),
    state,
    found: clean(found),
    ...(hint !== undefined && { hint: clean(hint) }),
  }))
}

async function within(ask: Probe['ask'], ms: number): ReturnType<Probe['ask']> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`it did not answer within ${ms / 1000} s`)), ms)
  try {
    return await Promise.race([ask(), late.promise])
  } finally {
    clearTimeout(timer)
  }
}

function failed(error: unknown): ConnectionCheck {
  const { message, hint } = error as { message?: string; hint?: string }
  const code = codeOf(error)
  const found = code ? `${code}: ${message}` : (message ?? 'it failed without a reason')
  return { check: 'answers', state: 'problem', found, ...(hint && { hint }) }
}

/** Text of a product is nobody's promise: values of our credentials, control characters and endless pages are cut out. */
async function cleaner(choice: AdapterChoice): Promise<(text: string) => string> {
  const values = await Promise.all(sourcesIn(choice).map((source) => readCredential(source).catch(() => '')))
  const secrets = values.filter((value) => value.length >= 4)
  return (text) => {
    const masked = secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
    const plain = masked.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim()
    return plain.length > longestText ? `${plain.slice(0, longestText)}…` : plain
  }
}

function sourcesIn(options: unknown): CredentialSource[] {
  const source = CredentialSource.safeParse(options)
  if (source.success) return [source.data]
  if (typeof options !== 'object' || options === null) return []
  return Object.values(options).flatMap((value) => sourcesIn(value))
}
