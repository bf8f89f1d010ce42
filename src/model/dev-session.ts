import { z } from 'zod'
import { Instant, Name } from './names.ts'

/** What a person runs on their own machine has an environment of its own in logs, traces and metrics: `me-<person>`. No environment can be called so. */
export function ownEnvironment(person: string): string {
  return `me-${person}`
}

export function isOwnEnvironment(name: string): boolean {
  return name.startsWith('me-')
}

/** Where the process behind a lent name answers the gateway's question whether it belongs to who asked for the name. */
export const provingPath = '/.well-known/fairway-dev'

const SecretVariable = z.object({
  /** Of the container. */
  variable: z.string(),
  /** As `db.password`. */
  secret: z.string(),
  /** `withheld`: the settings do not let it leave; `missing`: nobody set it. */
  state: z.enum(['lent', 'withheld', 'missing']),
  /** Only where lent, and never in a dry run. */
  value: z.string().optional(),
})

/** What a service runs with on a developer's machine: the first environment's variables, and signals under a name of the person's own. */
export const DevSettings = z
  .object({
    service: Name,
    owner: Name,
    /** Whose variables and secrets these are. */
    environment: Name,
    /** What logs, traces and metrics carry. */
    ownEnvironment: z.string(),
    /** The container's port, which variables may name. */
    port: z.int().optional(),
    variables: z.array(z.object({ name: z.string(), value: z.string() })),
    secrets: z.array(SecretVariable),
    /** Why values are withheld. */
    withheld: z.string().optional(),
    /** Left out where signals are kept elsewhere, and in a dry run. */
    otlp: z.object({ path: z.string(), token: z.string(), ends: Instant }).optional(),
    /** Whether names of the embedded gateway can be lent. */
    gateway: z.boolean(),
    notes: z.array(z.string()),
  })
  .meta({ id: 'DevSettings' })
export type DevSettings = z.infer<typeof DevSettings>

/** Names of the gateway that lead to a developer's process, for as long as somebody asks again. */
export const LentRoute = z
  .object({
    id: z.string(),
    /** `http://<service>.me.localhost:<port>`, or the person's own while somebody else has that one. */
    url: z.string(),
    /** `http://<service>.me-<person>.localhost:<port>`: leads to nobody else, ever. */
    ownUrl: z.string(),
    /** Who has `<service>.me.localhost`, when it is somebody else. */
    heldBy: z.string().optional(),
    /** Milliseconds until it ends unless it is asked for again. */
    endsIn: z.int(),
  })
  .meta({ id: 'LentRoute' })
export type LentRoute = z.infer<typeof LentRoute>
