import { z } from 'zod'
import { Drift, DriftPlan } from '#model/drift.ts'
import { Name } from '#model/names.ts'
import { Run } from '#model/run.ts'
import { route } from '../route.ts'
import { page } from './shared.ts'

const DriftParams = z.object({
  id: z.string().regex(/^[a-z0-9]{2,20}$/, 'an id of a drift is lower-case letters and digits'),
})
const Act = z.strictObject({ dryRun: z.boolean().default(false) })
const Settled = z.union([z.object({ run: Run }), z.object({ plan: DriftPlan })])

export const listDrift = route({
  id: 'drift.list',
  method: 'GET',
  path: '/api/v1/drift',
  summary: 'What differs from what was approved, newest first',
  access: 'signed-in',
  query: z.object({
    state: z.enum(['open', 'resolved']).default('open'),
    service: Name.optional(),
    environment: Name.optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  reply: page(Drift),
})

export const readDrift = route({
  id: 'drift.read',
  method: 'GET',
  path: '/api/v1/drift/:id',
  summary: 'One drift',
  access: 'signed-in',
  params: DriftParams,
  reply: Drift,
})

export const revertDrift = route({
  id: 'drift.revert',
  method: 'POST',
  path: '/api/v1/drift/:id/revert',
  summary: 'Restore what was approved; with dryRun only say how',
  access: 'signed-in',
  params: DriftParams,
  body: Act,
  reply: Settled,
  status: 202,
  repeat: 'run',
})

export const adoptDrift = route({
  id: 'drift.adopt',
  method: 'POST',
  path: '/api/v1/drift/:id/adopt',
  summary: 'Put Git’s state through rules and approvals; with dryRun only say how',
  access: 'signed-in',
  params: DriftParams,
  body: Act,
  reply: Settled,
  status: 202,
  repeat: 'run',
})
