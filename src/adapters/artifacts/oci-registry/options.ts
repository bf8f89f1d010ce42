import { z } from 'zod'
import { CredentialSource } from '#lib/credential.ts'

/** What fairway.yaml says of a registry beside `product: oci-registry`. */
export const OciRegistryOptions = z.strictObject({
  /** Address of the registry's API, without `/v2`. */
  url: z.url({ protocol: /^https?$/ }),
  /** The registry as images are named, when it differs from the host of `url`. */
  registry: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/, 'is a host, with a port where it has one')
    .optional(),
  username: z.string().min(1).max(200).optional(),
  password: CredentialSource.optional(),
})
export type OciRegistryOptions = z.infer<typeof OciRegistryOptions>
