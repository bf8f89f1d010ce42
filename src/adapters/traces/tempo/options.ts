import { z } from 'zod'
import { CredentialSource } from '#lib/credential.ts'

const Address = z.url({ protocol: /^https?$/ })

/** `spec.adapters.traces` with `product: tempo`. */
export const TempoOptions = z.strictObject({
  /** Where its query interface answers, as `http://tempo:3200`. */
  url: Address,
  /** Sent as X-Scope-OrgID; only for a Tempo with tenants. */
  tenant: z
    .string()
    .regex(/^[A-Za-z0-9!_.*'()-]{1,150}$/)
    .optional(),
  /** Bearer token of a gateway in front of it. */
  token: CredentialSource.optional(),
  /** Where it takes OTLP over HTTP. Absent: a collector of yours brings the traces, and the platform passes none on. */
  otlpUrl: Address.optional(),
  /** Resource attribute that says in which environment a span was made. */
  environmentAttribute: z
    .string()
    .regex(/^[a-zA-Z_][a-zA-Z0-9_.]*$/)
    .default('deployment.environment.name'),
})
export type TempoOptions = z.infer<typeof TempoOptions>
