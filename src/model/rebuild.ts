import { z } from 'zod'

/** The branch of the delivery repository that takes what the platform knows beyond manifests: outcomes, releases, runs. */
export const recordsBranch = 'records'

const Rows = z.int().min(0)

/** What a rebuild of the index gave back, and what it could not. */
export const RebuildReport = z
  .object({
    services: Rows,
    releases: Rows,
    outcomes: Rows.meta({ description: 'Deployments whose end is known' }),
    runs: Rows,
    changes: Rows.meta({ description: 'Change requests, with their approvals' }),
    entities: Rows,
    lost: z
      .array(z.object({ what: z.string(), detail: z.string() }))
      .meta({ description: 'What neither Git nor the artefact store holds and the database no longer had' }),
    problems: z.array(z.string()).meta({ description: 'Records that do not fit what they speak of' }),
    seconds: z.number(),
  })
  .meta({ id: 'RebuildReport' })
export type RebuildReport = z.infer<typeof RebuildReport>
