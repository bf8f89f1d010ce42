import { createHmac, timingSafeEqual } from 'node:crypto'

/** Whose signals a token admits: the receiver stamps these three, whatever the payload says. */
export interface WorkloadIdentity {
  readonly service: string
  readonly environment: string
  readonly owner: string
}

/** The OTLP token of one workload: `fw1.<service>.<environment>.<owner>.<code>`. The same identity always gives the same token. */
export function workloadToken(secret: string, identity: WorkloadIdentity): string {
  const { service, environment, owner } = identity
  for (const part of [service, environment, owner])
    if (!namePattern.test(part)) throw new TypeError(`${JSON.stringify(part)} cannot stand in a workload token`)
  return `fw1.${service}.${environment}.${owner}.${codeOf(secret, identity)}`
}

/** Who the token belongs to; undefined for one that this secret did not make. Compares in constant time. */
export function readWorkloadToken(secret: string, token: string): WorkloadIdentity | undefined {
  const [version, service = '', environment = '', owner = '', code = '', ...more] = token.split('.')
  if (version !== 'fw1' || more.length > 0) return undefined
  if (![service, environment, owner].every((part) => namePattern.test(part))) return undefined
  const [given, right] = [code, codeOf(secret, { service, environment, owner })].map((text) => Buffer.from(text))
  if (!given || !right || given.length !== right.length || !timingSafeEqual(given, right)) return undefined
  return { service, environment, owner }
}

const namePattern = /^[a-z0-9][a-z0-9-]{0,62}$/

function codeOf(secret: string, { service, environment, owner }: WorkloadIdentity): string {
  return createHmac('sha256', secret).update(`${service}/${environment}/${owner}`).digest('base64url')
}
