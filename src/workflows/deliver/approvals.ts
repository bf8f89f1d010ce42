import { can, whoMay } from '#access/can.ts'
import type { HostChange } from '#model/change-request.ts'
import type { Person } from '#model/people.ts'
import { platformRepo, repoName } from '#model/names.ts'
import type { Platform } from '../platform.ts'

export interface Decision {
  readonly approvedBy: string[]
  readonly rejectedBy: string[]
}

/** The approvals that count now: by somebody who may, who did not contribute, on the tree and the rules of today. */
export async function decidingApprovals(platform: Platform, question: ApprovalQuestion): Promise<Decision> {
  const { change } = question
  const bundle = platform.ports.policy.bundle().digest
  const tree = await proposedTree(platform, question)
  const counting = await Promise.all(
    change.approvals.map(async (approval) => {
      const person = await platform.ports.identity.find(approval.by)
      const looked = approval.commit
        ? await proposedTree(platform, { ...question, change: { ...change, headCommit: approval.commit } })
        : approval.tree
      const isCurrent = looked === tree && tree !== '' && (approval.bundleDigest ?? bundle) === bundle
      return isCurrent && person !== undefined && approvalRefusal(person, question) === undefined ? [approval] : []
    }),
  )
  const by = (decision: 'approve' | 'reject') =>
    counting
      .flat()
      .filter((approval) => approval.decision === decision)
      .map((approval) => approval.by)
  return { approvedBy: by('approve'), rejectedBy: by('reject') }
}

/**
 * The Git tree id of what a change request proposes: the folder of its place in the delivery repository, so that an
 * approval survives being put on top of what others merged meanwhile; elsewhere the whole tree.
 */
export async function proposedTree(
  platform: Platform,
  { change, folder = '' }: { change: HostChange; folder?: string | undefined },
): Promise<string> {
  return (await platform.ports.gitHost.files.tree(change.repo, change.headCommit, folder)) ?? ''
}

export interface ApprovalQuestion {
  readonly change: HostChange
  /** What an approval binds to, when it is not the whole tree. */
  readonly folder?: string | undefined
  readonly owner?: string | undefined
  readonly contributors: readonly string[]
  /** Changed paths, which decide for the platform repository. */
  readonly paths: readonly string[]
}

/** Why this person may not approve; undefined when they may (design.md section 2, Approvals). */
export function approvalRefusal(
  person: Person,
  { change, owner, contributors, paths }: ApprovalQuestion,
): string | undefined {
  if (contributors.includes(person.name)) return `${person.name} contributed to this change`
  if (repoName(change.repo) === repoName(platformRepo)) {
    const action = approvalOf(paths)
    return can(person, action) ? undefined : `this needs ${whoMay(action)}`
  }
  return can(person, 'change.approve', owner) ? undefined : `this needs a member of ${owner} or a platform engineer`
}

export function mayApprove({ change, owner, paths }: Omit<ApprovalQuestion, 'contributors'>): string {
  if (repoName(change.repo) === repoName(platformRepo)) return `${whoMay(approvalOf(paths))} who did not contribute`
  return `a member of ${owner} or a platform engineer, not a contributor`
}

function approvalOf(paths: readonly string[]): 'rules.approve' | 'settings.approve' {
  return paths.some((path) => path.startsWith('policies/') || path.startsWith('waivers/'))
    ? 'rules.approve'
    : 'settings.approve'
}

/** Whom a waiting promotion waits for. */
export function mayApprovePromotion(owner: string): string {
  return `approval by a member of ${owner} or a platform engineer who did not contribute`
}
