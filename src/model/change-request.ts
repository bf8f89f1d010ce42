import { z } from 'zod'
import { Commit, Instant, Name, RepoRef } from './names.ts'
import { Verdict } from './verdict.ts'

export const Check = z
  .object({
    name: z.string(),
    state: z.enum(['pending', 'success', 'failure']),
    summary: z.string(),
    /** Path inside the portal that shows the details, as `/runs/…`. */
    link: z.string().optional(),
    at: Instant,
  })
  .meta({ id: 'Check' })
export type Check = z.infer<typeof Check>

/** One person's decision, bound to what was looked at: it stays valid while tree and bundle stay the same. */
export const Approval = z
  .object({
    by: Name,
    decision: z.enum(['approve', 'reject']),
    comment: z.string().default(''),
    tree: z.string(),
    /** The commit that was looked at, where a host bound the decision to that: then its tree counts, whichever folder is asked for. */
    commit: Commit.optional(),
    bundleDigest: z.string().optional(),
    at: Instant,
    /** False when tree or rules changed since. */
    valid: z.boolean().default(true),
  })
  .meta({ id: 'Approval' })
export type Approval = z.infer<typeof Approval>

export const ChangeState = z.enum(['open', 'merged', 'closed'])

/** A change request as the Git host knows it. */
export const HostChange = z.object({
  repo: RepoRef,
  number: z.int(),
  title: z.string(),
  description: z.string(),
  author: z.string(),
  base: z.string(),
  head: z.string(),
  baseCommit: Commit,
  headCommit: Commit,
  state: ChangeState,
  checks: z.array(Check),
  approvals: z.array(Approval),
  createdAt: Instant,
  mergedAt: Instant.optional(),
  mergedBy: z.string().optional(),
  mergeCommit: Commit.optional(),
})
export type HostChange = z.infer<typeof HostChange>

/** What the platform says of it on top: contributors, verdict, who may approve, whether it can merge and why not. */
export const ChangeRequest = HostChange.extend({
  id: z.string(),
  kind: z.enum(['service', 'delivery', 'platform']),
  service: Name.optional(),
  environment: Name.optional(),
  run: z.string().optional(),
  contributors: z.array(z.string()),
  verdict: Verdict.optional(),
  mergeable: z.object({ can: z.boolean(), reasons: z.array(z.string()) }),
  approval: z.object({
    needed: z.boolean(),
    given: z.boolean(),
    mayApprove: z.string(),
    youMay: z.boolean(),
    youMayNotBecause: z.string().optional(),
  }),
}).meta({ id: 'ChangeRequest' })
export type ChangeRequest = z.infer<typeof ChangeRequest>

export const FileDiff = z
  .object({
    path: z.string(),
    status: z.enum(['added', 'modified', 'deleted']),
    /** Whole texts, absent when binary or over 200 kB. */
    before: z.string().optional(),
    after: z.string().optional(),
    additions: z.int(),
    deletions: z.int(),
  })
  .meta({ id: 'FileDiff' })
export type FileDiff = z.infer<typeof FileDiff>

/** `owner/name#number`, the id of a change request everywhere. */
export function changeId(change: { repo: RepoRef; number: number }): string {
  return `${change.repo.owner}/${change.repo.name}#${change.number}`
}
