import { z } from 'zod'
import { FileDiff } from './change-request.ts'
import { Commit, Name } from './names.ts'

/** Where a first service stands on its tour: whole, broken on purpose, or on its way from one to the other. */
export const TourStage = z.enum(['making', 'whole', 'breaking', 'broken', 'rolling-back', 'back', 'mending', 'over'])
export type TourStage = z.infer<typeof TourStage>

/** What a commit of the tour would be: nothing of it is hidden from whoever is asked to make it. */
export const TourCommit = z
  .object({ repository: z.string(), branch: z.string(), title: z.string(), file: FileDiff })
  .meta({ id: 'TourCommit' })
export type TourCommit = z.infer<typeof TourCommit>

/** One act of the tour, with the line that does the same, and why it is not to be had now. */
export const TourAct = z
  .object({
    act: z.enum(['break', 'roll-back', 'mend']),
    title: z.string(),
    /** What it does and what will be seen, before it is done. */
    says: z.string(),
    command: z.string(),
    can: z.boolean(),
    reason: z.string().optional(),
    /** The commit it makes in the service's repository; a rollback makes its own in the delivery repository. */
    commit: TourCommit.optional(),
  })
  .meta({ id: 'TourAct' })
export type TourAct = z.infer<typeof TourAct>

/** The tour of a first service: break its readiness on purpose, see what happens, take it back. */
export const Tour = z
  .object({
    service: Name,
    /** The first environment: nothing else is ever touched. */
    environment: Name,
    stage: TourStage,
    /** One sentence on where it stands, or why there is no tour. */
    says: z.string(),
    /** The run that shows it. */
    run: z.string().optional(),
    /** The commit that broke it, while it is on main. */
    commit: Commit.optional(),
    acts: z.array(TourAct),
  })
  .meta({ id: 'Tour' })
export type Tour = z.infer<typeof Tour>
