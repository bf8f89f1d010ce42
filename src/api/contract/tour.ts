import { z } from 'zod'
import { Commit } from '#model/names.ts'
import { Run } from '#model/run.ts'
import { Tour, TourCommit } from '#model/tour.ts'
import { route } from '../route.ts'
import { ServiceParams } from './shared.ts'

export const readTour = route({
  id: 'services.tour',
  method: 'GET',
  path: '/api/v1/services/:name/tour',
  summary: 'The tour of a first service: where it stands, and what can be broken on purpose or taken back',
  access: 'signed-in',
  params: ServiceParams,
  reply: Tour,
})

export const takeTour = route({
  id: 'services.tour-act',
  method: 'POST',
  path: '/api/v1/services/:name/tour',
  summary:
    'Break the readiness of a first service on purpose, or mend it, by a commit; with dryRun only show that commit',
  access: 'signed-in',
  params: ServiceParams,
  body: z.strictObject({ act: z.enum(['break', 'mend']), dryRun: z.boolean().default(false) }),
  reply: z.union([z.object({ run: Run, commit: Commit }), z.object({ preview: TourCommit })]),
  status: 202,
})
