import { z } from 'zod'

export const ProbeSpec = z.object({
  kind: z.enum(['http', 'tcp', 'exec']),
  port: z.int().default(0),
  path: z.string().default('/'),
  headers: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  command: z.array(z.string()).default([]),
  initialDelaySeconds: z.number(),
  periodSeconds: z.number(),
  timeoutSeconds: z.number(),
  failureThreshold: z.int(),
})
export type ProbeSpec = z.infer<typeof ProbeSpec>

export const FileSpec = z.object({ path: z.string(), base64: z.string(), mode: z.int() })
export type FileSpec = z.infer<typeof FileSpec>

/** A variable that is a secret, named `<resource>.<key>`. */
export const SecretEnvSpec = z.object({ name: z.string(), secret: z.string() })
export type SecretEnvSpec = z.infer<typeof SecretEnvSpec>

/** A file that is a secret. */
export const SecretFileSpec = z.object({ path: z.string(), secret: z.string(), mode: z.int() })
export type SecretFileSpec = z.infer<typeof SecretFileSpec>

/** What runs in one place, in the agent's own words. Kept on disk beside each process, so that a later agent can go on without Git. */
export const WorkloadSpec = z.object({
  /** Over everything that needs a new process when it changes; replicas and limits of time do not. */
  hash: z.string(),
  service: z.string(),
  environment: z.string(),
  owner: z.string(),
  version: z.string(),
  image: z.object({ name: z.string(), digest: z.string() }),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  env: z.array(z.object({ name: z.string(), value: z.string() })),
  /** Ports the container expects; each process gets free ones instead. The first is the one the gateway serves. */
  ports: z.array(z.int()),
  readiness: ProbeSpec.optional(),
  liveness: ProbeSpec.optional(),
  memoryBytes: z.number().optional(),
  files: z.array(FileSpec),
  secretEnv: z.array(SecretEnvSpec).default([]),
  secretFiles: z.array(SecretFileSpec).default([]),
  /** The version of each secret it runs with; the values are kept elsewhere. */
  secrets: z.record(z.string(), z.int()).default({}),
  replicas: z.int(),
  graceSeconds: z.number(),
  deadlineSeconds: z.number(),
  url: z.string().optional(),
  hosts: z.array(z.string()),
})
export type WorkloadSpec = z.infer<typeof WorkloadSpec>

/** An object of the folder, for the page that lists them. */
export interface ManifestObject {
  readonly kind: string
  readonly name: string
  readonly enforced: boolean
  readonly note?: string
}

/** What Git wants in a place. `problem` instead of a spec: it cannot run here, and why. */
export interface Desired {
  readonly service: string
  readonly environment: string
  /** The newest delivery commit that touched the folder. */
  readonly commit: string
  readonly version?: string
  readonly spec?: WorkloadSpec
  readonly problem?: string
  readonly objects: readonly ManifestObject[]
}
