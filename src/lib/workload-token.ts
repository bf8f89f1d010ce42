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

/** As `workloadToken`, for whoever starts the workload elsewhere: `fw2.<service>.<environment>.<owner>.<end>.<code>`, worthless from `ends` on. */
export function endingToken(secret: string, identity: WorkloadIdentity, ends: Date): string {
  const [, ...parts] = workloadToken(secret, identity).split('.')
  const end = String(Math.floor(ends.getTime() / 1_000))
  return ['fw2', ...parts.slice(0, 3), end, codeOf(secret, identity, end)].join('.')
}

/** Who the token belongs to; undefined for one that this secret did not make, or whose time is over. Compares in constant time. */
export function readWorkloadToken(secret: string, token: string): WorkloadIdentity | undefined {
  const [version, service = '', environment = '', owner = '', ...rest] = token.split('.')
  const [end, code] = version === 'fw2' ? rest : [undefined, rest[0]]
  if (!/^fw[12]$/.test(version ?? '') || rest.length !== (version === 'fw2' ? 2 : 1)) return undefined
  if (![service, environment, owner].every((part) => namePattern.test(part))) return undefined
  const [given, right] = [code ?? '', codeOf(secret, { service, environment, owner }, end)].map((text) =>
    Buffer.from(text),
  )
  if (!given || !right || given.length !== right.length || !timingSafeEqual(given, right)) return undefined
  if (end !== undefined && !(Number(end) * 1_000 > Date.now())) return undefined
  return { service, environment, owner }
}

const namePattern = /^[a-z0-9][a-z0-9-]{0,62}$/

function codeOf(secret: string, { service, environment, owner }: WorkloadIdentity, end?: string): string {
  const words = [service, environment, owner, ...(end === undefined ? [] : [end])].join('/')
  return createHmac('sha256', secret).update(words).digest('base64url')
}
