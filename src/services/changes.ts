import { PlatformError } from '#errors/platform-error.ts'
import { type ChangeRequest, changeId, type FileDiff, type HostChange } from '#model/change-request.ts'
import type { CommitInfo } from '#ports/git-host.ts'
import { type RepoRef, repoName } from '#model/names.ts'
import { Verdict } from '#model/verdict.ts'
import { findRun, stepOutputs } from '#store/run.ts'
import { approvalRefusal, decidingApprovals, mayApprove, proposedTree } from '#workflows/deliver/approvals.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller } from './caller.ts'
import { contextOf, kindOf, reasonsAgainst, runOfBranch } from '#workflows/check/change-context.ts'

/** A change request with everything the platform knows of it, as this caller sees it. */
export async function readChange(
  platform: Platform,
  caller: Caller,
  place: { repo: RepoRef; number: number },
): Promise<ChangeRequest> {
  authorise(caller, 'read')
  return viewChange(platform, caller, await requireChange(platform, place))
}

export async function requireChange(
  platform: Platform,
  { repo, number }: { repo: RepoRef; number: number },
): Promise<HostChange> {
  const change = await platform.ports.gitHost.changes.find(repo, number)
  if (change) return change
  throw new PlatformError('CHANGE_UNKNOWN', `${repoName(repo)} has no change request ${number}`, {
    hint: 'fairway change list',
  })
}

export interface ChangeFilter {
  readonly state?: HostChange['state'] | undefined
  readonly service?: string | undefined
  readonly kind?: ChangeRequest['kind'] | undefined
  readonly mine?: boolean | undefined
  readonly limit: number
}

/** Newest first, over every repository. */
export async function listChanges(platform: Platform, caller: Caller, filter: ChangeFilter): Promise<ChangeRequest[]> {
  authorise(caller, 'read')
  const found = await platform.ports.gitHost.changes.list({ ...(filter.state && { state: filter.state }), limit: 500 })
  const views: ChangeRequest[] = []
  for (const change of found) {
    if (views.length >= filter.limit) break
    if (filter.kind && kindOf(change.repo) !== filter.kind) continue
    if (filter.service && !(await isAbout(platform, change, filter.service))) continue
    const view = await viewChange(platform, caller, change)
    const mine = view.author === caller.person.name || view.approval.youMay
    if (!filter.mine || mine) views.push(view)
  }
  return views
}

/** Told without reading the change itself: a page of one service must not read every change there is. */
async function isAbout(platform: Platform, change: HostChange, service: string): Promise<boolean> {
  const kind = kindOf(change.repo)
  if (kind !== 'delivery') return kind === 'service' && change.repo.name === service
  const run = runOfBranch(change.head)
  return run !== undefined && (await findRun(platform.db, run))?.service === service
}

/** Changed files of a change request with both sides, and its commits. */
export async function changeDiff(
  platform: Platform,
  caller: Caller,
  place: { repo: RepoRef; number: number },
): Promise<{ files: FileDiff[]; commits: { commit: string; author: string; message: string; at: string }[] }> {
  authorise(caller, 'read')
  const change = await requireChange(platform, place)
  const { files } = platform.ports.gitHost
  const since = change.baseCommit
  const history = await files.history(change.repo, { ref: change.headCommit, since, limit: mostCommits })
  const diff = await files.diff(change.repo, { from: branchedFrom(history) ?? since, to: change.headCommit })
  return {
    files: [...diff],
    commits: history.map(({ commit, author, subject, at }) => ({ commit, author, message: subject, at })),
  }
}

const mostCommits = 100

/** Where a straight branch began: what the base got since then is none of its changes. */
function branchedFrom(history: readonly CommitInfo[]): string | undefined {
  return history.length < mostCommits && history.every(({ parents }) => parents.length === 1)
    ? history.at(-1)?.parents[0]
    : undefined
}

export async function viewChange(platform: Platform, caller: Caller, change: HostChange): Promise<ChangeRequest> {
  const context = await contextOf(platform, change)
  const question = { change, ...context }
  const decision = await decidingApprovals(platform, question)
  const tree = await proposedTree(platform, question)
  const refusal = approvalRefusal(caller.person, question)
  const open = change.state === 'open'
  const reasons = open ? reasonsAgainst(change, context, decision) : [`it is ${change.state}`]
  const verdict = context.run === undefined ? undefined : await verdictOf(platform, context.run)
  return {
    ...change,
    id: changeId(change),
    kind: context.kind,
    ...(context.service && { service: context.service }),
    ...(context.environment && { environment: context.environment }),
    ...(context.run && { run: context.run }),
    contributors: [...context.contributors],
    approvals: change.approvals.map((approval) => ({
      ...approval,
      valid:
        approval.tree === tree &&
        (decision.approvedBy.includes(approval.by) || decision.rejectedBy.includes(approval.by)),
    })),
    ...(verdict && { verdict }),
    mergeable: { can: open && reasons.length === 0, reasons },
    approval: {
      needed: context.needsApproval,
      given: decision.approvedBy.length > 0,
      mayApprove: mayApprove(question),
      youMay: open && context.needsApproval && refusal === undefined,
      ...(open && refusal && { youMayNotBecause: refusal }),
    },
  }
}

/** The verdict of the change gate, from the run that opened the request. */
async function verdictOf(platform: Platform, run: string): Promise<Verdict | undefined> {
  const stored = (await stepOutputs(platform.db, run)).get('check-policy')?.['verdict']
  const read = Verdict.safeParse(stored)
  return read.success ? read.data : undefined
}
