import { z } from 'zod'
import { CredentialSource } from '#lib/credential.ts'

const Address = z.url({ protocol: /^https?$/ })

/** `spec.adapters.traces` with `product: jaeger`. */
export const JaegerOptions = z.strictObject({
  /** Where its query interface answers, as `http://jaeger-query:16686`. */
  url: Address,
  /** Bearer token of a gateway in front of it. */
  token: CredentialSource.optional(),
  /** Where it takes OTLP over HTTP. Absent: a collector of yours brings the traces, and the platform passes none on. */
  otlpUrl: Address.optional(),
  /** Resource attribute that says in which environment a span was made. */
  environmentAttribute: z.string().min(1).max(100).default('deployment.environment.name'),
})
export type JaegerOptions = z.infer<typeof JaegerOptions>
