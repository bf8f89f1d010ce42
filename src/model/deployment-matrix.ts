import { z } from 'zod'
import { ServiceInEnvironment } from './deployment.ts'
import { Name } from './names.ts'

/** How a place stands to the one before it in the promotion order. */
export const Behind = z
  .object({
    environment: Name,
    /** Commits that the environment before has and this one lacks; absent when they could not be counted. */
    commits: z.int().optional(),
    /** True: there are at least so many. */
    orMore: z.boolean(),
    /** True: this one has commits that the environment before no longer has, as after a rollback there. */
    isAhead: z.boolean(),
  })
  .meta({ id: 'Behind' })
export type Behind = z.infer<typeof Behind>

export const MatrixRow = z
  .object({
    service: Name,
    owner: Name,
    /** One per environment, in promotion order. */
    cells: z.array(ServiceInEnvironment.extend({ behind: Behind.optional() })),
  })
  .meta({ id: 'MatrixRow' })
export type MatrixRow = z.infer<typeof MatrixRow>
