import { z } from 'zod'
import { FileDiff } from './change-request.ts'
import { Commit, Instant } from './names.ts'

/** A commit that a run wrote, or was started by: what it is, where it lies, what it changed. */
export const RunCommit = z
  .object({
    /** The step that wrote it; absent for the commit that started the run. */
    step: z.string().optional(),
    repository: z.string(),
    /** What that repository is to the service. */
    place: z.enum(['service', 'delivery']),
    commit: Commit,
    title: z.string(),
    author: z.string(),
    at: Instant,
    /** The first paths it changed. */
    files: z.array(z.string()),
    moreFiles: z.int(),
    /** The change request it came by, as `owner/name#number`. */
    change: z.string().optional(),
  })
  .meta({ id: 'RunCommit' })
export type RunCommit = z.infer<typeof RunCommit>

/** The same with its whole message and what it changed, side by side. */
export const RunCommitDiff = RunCommit.extend({
  message: z.string(),
  diff: z.array(FileDiff),
}).meta({ id: 'RunCommitDiff' })
export type RunCommitDiff = z.infer<typeof RunCommitDiff>
