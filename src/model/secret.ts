import { z } from 'zod'
import { Instant, Name } from './names.ts'

/** `<resource>.<key>`, as score.yaml refers to it: `${resources.db.password}` is `db.password`. */
export const SecretName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]\.(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/,
    'write it as <resource>.<key>, as db.password for ${resources.db.password}',
  )
  .meta({ id: 'SecretName' })
export type SecretName = z.infer<typeof SecretName>

/** The longest value of a secret, in bytes of UTF-8. */
export const maxSecretBytes = 32_768

/** A secret of a service in an environment, never with its value. */
export const Secret = z
  .object({
    environment: Name,
    name: SecretName,
    state: z.enum(['set', 'missing']),
    /** Counts up with every value that is set; undefined while missing. */
    version: z.int().optional(),
    setBy: z.string().optional(),
    setAt: Instant.optional(),
    /** score.yaml on main asks for it. */
    declared: z.boolean(),
    /** The version that workloads run with now, as the runtime says. */
    running: z.int().optional(),
  })
  .meta({ id: 'Secret' })
export type Secret = z.infer<typeof Secret>
