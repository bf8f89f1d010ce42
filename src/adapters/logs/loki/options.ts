import { z } from 'zod'
import { CredentialSource } from '#lib/credential.ts'

const Label = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/)

/** `spec.adapters.logs` with `product: loki`. */
export const LokiOptions = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  /** Sent as X-Scope-OrgID; only for a Loki with tenants. */
  tenant: z
    .string()
    .regex(/^[A-Za-z0-9!_.*'()-]{1,150}$/)
    .optional(),
  /** Bearer token of a gateway in front of Loki. */
  token: CredentialSource.optional(),
  /** Labels of a stream that say whose it is; the defaults are those of Loki's OTLP receiver. */
  labels: z
    .strictObject({
      service: Label.default('service_name'),
      environment: Label.default('deployment_environment_name'),
    })
    .prefault({}),
  /** `platform`: what workloads send comes to Fairway, is stamped and passed on. `collector`: something else brings it. */
  writtenBy: z.enum(['platform', 'collector']).default('platform'),
  /** How far back a page of lines may reach; Loki refuses queries longer than its own limit. */
  days: z.int().min(1).max(30).default(7),
})
export type LokiOptions = z.infer<typeof LokiOptions>
