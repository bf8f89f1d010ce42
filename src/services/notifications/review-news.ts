import { changeId } from '#model/change-request.ts'
import type { Person } from '#model/people.ts'
import type { Run } from '#model/run.ts'
import { CheckInput } from '#workflows/check/check.ts'
import { contextOf, reasonsAgainst } from '#workflows/check/change-context.ts'
import { approvalRefusal, decidingApprovals } from '#workflows/deliver/approvals.ts'
import type { Platform } from '#workflows/platform.ts'

/** A change request that waits for nothing but a person, and who that may be. */
export interface ReviewNews {
  readonly change: string
  readonly people: readonly Person[]
}

/** What the end of a head's checks is news of; undefined when no person is waited for, or the head is another by now. */
export async function reviewNews(platform: Platform, run: Run): Promise<ReviewNews | undefined> {
  const { repo, number, commit } = CheckInput.parse(run.input)
  const change = await platform.ports.gitHost.changes.find(repo, number)
  if (change?.state !== 'open' || change.headCommit !== commit) return undefined
  const context = await contextOf(platform, change)
  if (!context.needsApproval) return undefined
  const question = { change, ...context }
  const decided = await decidingApprovals(platform, question)
  const isOnlyThat = decided.approvedBy.length === 0 && reasonsAgainst(change, context, decided).length === 1
  if (!isOnlyThat) return undefined
  const people = await platform.ports.identity.people()
  return {
    change: changeId(change),
    people: people.filter((person) => approvalRefusal(person, question) === undefined),
  }
}
