import { z } from 'zod'
import { DevSettings, LentRoute } from '#model/dev-session.ts'
import { Name } from '#model/names.ts'
import { route } from '../route.ts'
import { ServiceParams } from './shared.ts'
import { WorkingTreeFiles } from './working-tree.ts'

export const startDevelopment = route({
  id: 'dev.start',
  method: 'POST',
  path: '/api/v1/services/:name/dev',
  summary:
    'What a service runs with on the machine of a member of its team: variables, secrets where the settings let them leave, a credential for signals',
  access: 'signed-in',
  params: ServiceParams,
  body: z.strictObject({
    files: WorkingTreeFiles,
    /** Whether values of secrets are wanted. */
    secrets: z.boolean().default(true),
    /** Names only: no value, no credential, no record. */
    dryRun: z.boolean().default(false),
  }),
  reply: DevSettings,
  // a kept answer would be values in the database
  repeat: { free: 'it hands out again what it handed out' },
})

const lease = z.string().regex(/^[\w-]{10,40}$/)

export const openDevRoute = route({
  id: 'dev.open',
  method: 'POST',
  path: '/api/v1/services/:name/dev/routes',
  summary: 'Lend names of the embedded gateway to a process of the caller on the same machine',
  access: 'signed-in',
  params: ServiceParams,
  body: z.strictObject({
    /** Of 127.0.0.1. */
    port: z.int().min(1_024).max(65_535),
    /** What the process at the port proves itself with. */
    proof: z.string().regex(/^[\w-]{43}$/, 'is 32 random bytes in base64url'),
  }),
  reply: LentRoute,
  status: 201,
  repeat: { free: 'one person has one name of a service' },
})

export const renewDevRoute = route({
  id: 'dev.renew',
  method: 'PUT',
  path: '/api/v1/services/:name/dev/routes/:lease',
  summary: 'Keep a lent name: it ends seconds after nobody asked',
  access: 'signed-in',
  params: z.object({ name: Name, lease }),
  reply: LentRoute,
  repeat: { free: 'it says again what it said' },
})

export const closeDevRoute = route({
  id: 'dev.close',
  method: 'DELETE',
  path: '/api/v1/services/:name/dev/routes/:lease',
  summary: 'Give a lent name back',
  access: 'signed-in',
  params: z.object({ name: Name, lease }),
  reply: z.object({ closed: z.boolean() }),
})
