import { PlatformError } from '#errors/platform-error.ts'
import { changeId, type ChangeRequest } from '#model/change-request.ts'
import { deliveryRepo, type RepoRef, repoName } from '#model/names.ts'
import { appendAudit } from '#store/audit.ts'
import { findRun, patchRun } from '#store/run.ts'
import { inTransaction } from '#store/transaction.ts'
import { contextOf, reasonsAgainst } from '#workflows/check/change-context.ts'
import { approvalRefusal, decidingApprovals, mayApprove, proposedTree } from '#workflows/deliver/approvals.ts'
import type { Platform } from '#workflows/platform.ts'
import { withIntent } from './audit/with-intent.ts'
import { authorise, type Caller } from './caller.ts'
import { requireChange, viewChange } from './changes.ts'
import { startCheck, startRelease } from './react.ts'

type ChangePlace = { readonly repo: RepoRef; readonly number: number }

/** Opens a change request for a pushed branch and starts its checks. The same branch gives back the same request. */
export async function openChange(
  platform: Platform,
  caller: Caller,
  request: { repo: RepoRef; branch: string; title: string; description: string },
): Promise<ChangeRequest> {
  const { gitHost } = platform.ports
  if (repoName(request.repo) === repoName(deliveryRepo))
    throw new PlatformError('NOT_ALLOWED', 'only the platform proposes changes to the delivery repository', {
      hint: 'fairway promote, fairway rollback',
    })
  authorise(caller, 'change.open', request.repo.owner)
  if (!(await gitHost.repositories.find(request.repo)))
    throw new PlatformError('REPOSITORY_UNKNOWN', `no repository is called ${repoName(request.repo)}`)
  if (!(await gitHost.files.resolve(request.repo, `refs/heads/${request.branch}`)))
    throw new PlatformError('GIT_REF_INVALID', `${repoName(request.repo)} has no branch ${request.branch}`, {
      hint: `git push origin ${request.branch}`,
    })
  // It has no number before it exists: its branch says which one it is.
  const object = `branch:${repoName(request.repo)}:${request.branch}`
  const change = await withIntent(platform.db, {
    record: { actor: caller.person.name, action: 'change.open', object },
    work: () =>
      gitHost.changes.propose({
        key: request.branch,
        repo: request.repo,
        title: request.title,
        description: request.description,
        author: caller.person.name,
        head: request.branch,
        base: 'main',
      }),
    outcome: (opened) => ({ detail: { change: changeId(opened) } }),
  })
  await startCheck(platform, change, caller.person.name)
  await platform.events.publish('change', changeId(change))
  return viewChange(platform, caller, change)
}

/**
 * Records a decision on what was looked at. The approval that decides a waiting promotion starts its delivery in the
 * same transaction that records it.
 */
export async function reviewChange(
  platform: Platform,
  caller: Caller,
  {
    place,
    decision,
    head,
    comment,
  }: { place: ChangePlace; decision: 'approve' | 'reject'; head: string; comment: string },
): Promise<ChangeRequest> {
  const change = await requireChange(platform, place)
  if (change.state !== 'open') throw new PlatformError('CHANGE_CLOSED', `${changeId(change)} is ${change.state}`)
  if (change.headCommit !== head)
    throw new PlatformError('CONFLICT', `${changeId(change)} changed since you looked`, {
      hint: 'look at the new diff and decide again',
    })
  const context = await contextOf(platform, change)
  const question = { change, ...context }
  const refusal = approvalRefusal(caller.person, question)
  const audit = {
    actor: caller.person.name,
    action: `change.${decision}`,
    object: `change:${changeId(change)}`,
    ...(context.run && { run: context.run }),
    detail: { head },
  }
  if (refusal) {
    await appendAudit(platform.db, { ...audit, phase: 'act', result: 'refused' })
    const self = context.contributors.includes(caller.person.name)
    throw new PlatformError(self ? 'SELF_APPROVAL' : 'NOT_ALLOWED', refusal, {
      hint: decision === 'approve' ? `ask ${mayApprove(question)}` : 'to take it back, close it',
    })
  }
  if (context.isPreparing)
    throw new PlatformError('CONFLICT', `${changeId(change)} is still being prepared by run ${context.run}`, {
      hint: 'decide again in a moment',
    })
  const approval = {
    by: caller.person.name,
    decision,
    comment,
    tree: await proposedTree(platform, question),
    bundleDigest: platform.ports.policy.bundle().digest,
    at: new Date().toISOString(),
    valid: true,
  }
  await appendAudit(platform.db, { ...audit, phase: 'intent' })
  const reviewed = await platform.ports.gitHost.changes.review(change.repo, change.number, approval)
  const decided = await decidingApprovals(platform, { ...question, change: reviewed })
  await inTransaction(platform.pool, async (tx, client) => {
    await appendAudit(tx, { ...audit, phase: 'outcome', result: 'ok' })
    const run =
      context.run && reasonsAgainst(reviewed, context, decided).length === 0
        ? await findRun(tx, context.run)
        : undefined
    if (run) await platform.engine.deliver(tx, client, run)
  })
  await platform.events.publish('change', changeId(change))
  if (context.run) await platform.events.publish('run', context.run)
  return viewChange(platform, caller, reviewed)
}

/** Merges a change of a service or of the platform once nothing stands against it, and sets off what follows from it. */
export async function mergeChange(
  platform: Platform,
  caller: Caller,
  { place, head }: { place: ChangePlace; head: string },
): Promise<ChangeRequest> {
  const change = await requireChange(platform, place)
  const context = await contextOf(platform, change)
  authorise(caller, 'change.merge', context.owner)
  if (change.state === 'closed') throw new PlatformError('CHANGE_CLOSED', `${changeId(change)} was closed`)
  const question = { change, ...context }
  const decided = await decidingApprovals(platform, question)
  const reasons = change.state === 'merged' ? [] : reasonsAgainst(change, context, decided)
  if (reasons.length > 0) {
    const missingApproval = context.needsApproval && decided.approvedBy.length === 0
    throw new PlatformError(
      missingApproval ? 'APPROVAL_MISSING' : 'CHECKS_MISSING',
      `${changeId(change)} cannot merge: ${reasons.join('; ')}`,
      { hint: missingApproval ? `ask ${mayApprove(question)}` : 'see its checks' },
    )
  }
  if (change.headCommit !== head)
    throw new PlatformError('CONFLICT', `${changeId(change)} changed since you looked`, {
      hint: 'look at the new diff',
    })
  if (context.kind === 'delivery') return deliverApproved(platform, caller, { place, run: context.run })
  const trailers = [
    `Change-Id: ${changeId(change)}`,
    `Requested-by: ${change.author}`,
    ...decided.approvedBy.map((name) => `Approved-by: ${name}`),
  ]
  const merged = await withIntent(platform.db, {
    record: { actor: caller.person.name, action: 'change.merge', object: `change:${changeId(change)}` },
    work: () =>
      platform.ports.gitHost.changes.merge({
        repo: change.repo,
        number: change.number,
        expectedHead: head,
        message: `${change.title}\n\n${trailers.join('\n')}\n`,
        mergedBy: caller.person.name,
        authoredBy: change.author,
      }),
    outcome: ({ mergeCommit }) => (mergeCommit === undefined ? {} : { commit: mergeCommit }),
  })
  if (context.kind === 'service' && merged.mergeCommit)
    await startRelease(platform, { repo: change.repo, commit: merged.mergeCommit, actor: caller.person.name })
  if (context.kind === 'platform') await platform.settings()
  await platform.events.publish('change', changeId(change))
  return viewChange(platform, caller, merged)
}

/** Closes without merging; a promotion that waited for it ends as cancelled. */
export async function closeChange(
  platform: Platform,
  caller: Caller,
  { place, reason }: { place: ChangePlace; reason: string },
): Promise<ChangeRequest> {
  const change = await requireChange(platform, place)
  const context = await contextOf(platform, change)
  authorise(caller, 'change.close', context.owner)
  if (change.state === 'merged') throw new PlatformError('CHANGE_CLOSED', `${changeId(change)} is merged already`)
  const audit = { actor: caller.person.name, action: 'change.close', object: `change:${changeId(change)}` }
  await appendAudit(platform.db, { ...audit, phase: 'intent', detail: { reason } })
  await platform.ports.gitHost.changes.close(change.repo, change.number, reason)
  await inTransaction(platform.pool, async (tx) => {
    await appendAudit(tx, { ...audit, phase: 'outcome', result: 'ok', detail: { reason } })
    const cancelled = { state: 'cancelled', finished: true, waitingFor: null, when: ['waiting'] } as const
    if (context.run) await patchRun(tx, context.run, cancelled)
  })
  if (context.run) await platform.events.publish('run', context.run)
  await platform.events.publish('change', changeId(change))
  return viewChange(platform, caller, await requireChange(platform, place))
}

async function deliverApproved(
  platform: Platform,
  caller: Caller,
  { place, run }: { place: ChangePlace; run: string | undefined },
): Promise<ChangeRequest> {
  await inTransaction(platform.pool, async (tx, client) => {
    const waiting = run === undefined ? undefined : await findRun(tx, run)
    if (!waiting || !(await platform.engine.deliver(tx, client, waiting))) return
    const audit = {
      actor: caller.person.name,
      action: 'change.merge',
      phase: 'act',
      result: 'ok',
      run: waiting.id,
    } as const
    await appendAudit(tx, { ...audit, object: `change:${repoName(place.repo)}#${place.number}` })
  })
  return viewChange(platform, caller, await requireChange(platform, place))
}
