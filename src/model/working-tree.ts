import { z } from 'zod'
import { Packaging } from './entity.ts'
import { Name } from './names.ts'
import { Finding } from './verdict.ts'

/** One thing that would stop a release or a promotion, in the words of the step that would stop it. */
const WorkingTreeProblem = z.object({
  code: z.string(),
  file: z.string().optional(),
  path: z.string().optional(),
  message: z.string(),
  hint: z.string().optional(),
})
export type WorkingTreeProblem = z.infer<typeof WorkingTreeProblem>

/** What the gates say of a working tree that is not committed yet. */
export const WorkingTreeReport = z
  .object({
    service: Name,
    owner: z.string().optional(),
    packaging: Packaging.optional(),
    /** Whether every file is valid and every environment would take it. */
    ok: z.boolean(),
    /** What is wrong with the files themselves: no release would come of them. */
    problems: z.array(WorkingTreeProblem),
    /** In promotion order. */
    environments: z.array(
      z.object({
        name: Name,
        ok: z.boolean(),
        /** The sentence that the change gate would say. */
        says: z.string(),
        approval: z.string(),
        findings: z.array(Finding),
        problems: z.array(WorkingTreeProblem),
      }),
    ),
    /** What cannot be judged before a commit, and what nothing reads. */
    notes: z.array(z.string()),
    bundleDigest: z.string(),
  })
  .meta({ id: 'WorkingTreeReport' })
export type WorkingTreeReport = z.infer<typeof WorkingTreeReport>
