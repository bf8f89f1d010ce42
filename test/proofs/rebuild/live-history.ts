import { platformRepo, type RepoRef } from '#model/names.ts'
import { requireChange } from '#services/changes.ts'
import { promoteService, rollbackService } from '#services/promote-service.ts'
import { closeChange, openChange, reviewChange } from '#services/review-changes.ts'
import { releaseRunId } from '#services/start-run.ts'
import { listRuns } from '#store/run.ts'
import type { PlatformForTest } from '../../../testing/platform-for-test.ts'
import { waitUntil } from '../../../testing/wait-until.ts'

/**
 * What a service lives through: two releases, promotions, a rollback, an approved production, a promotion that waits, and
 * change requests that are open, rejected and closed. Gives the run that waits.
 */
export async function liveHistory(whole: PlatformForTest, service: string): Promise<string> {
  const { platform, caller, ended, push } = whole
  const repo = { owner: 'team-a', name: service }
  const promote = async (to: string, state: 'succeeded' | 'waiting' = 'succeeded') => {
    const run = await promoteService(platform, await caller('dev'), { request: { service, to } })
    return ended(run.id, state)
  }
  const release = async (text: string) => {
    const commit = await push({ repo, by: 'dev', write: { 'notes.md': text } })
    await ended(releaseRunId(service, commit), 'succeeded')
  }
  await whole.service(service)
  await promote('staging')
  await release('two')
  await promote('staging')
  const approved = await promote('production', 'waiting')
  await review(whole, { repo: { owner: 'fairway', name: 'delivery' }, number: numberOf(approved), by: 'platform' })
  await ended(approved.id, 'succeeded')
  const back = await rollbackService(platform, await caller('dev'), {
    request: { service, environment: 'staging', reason: 'a test' },
  })
  await ended(back.id, 'succeeded')
  const waiting = await promote('production', 'waiting')
  const rejected = await propose(whole, { repo, name: 'rejected' })
  await review(whole, { repo, number: rejected, by: 'platform2', decision: 'reject' })
  const closed = await propose(whole, { repo, name: 'closed' })
  await closeChange(platform, await caller('dev'), { place: { repo, number: closed }, reason: 'not needed' })
  return waiting.id
}

/** A change of the platform's own settings that somebody approved and nobody merged. */
export async function openApproved(whole: PlatformForTest): Promise<void> {
  const number = await propose(whole, { repo: platformRepo, name: 'motd', by: 'platform' })
  await review(whole, { repo: platformRepo, number, by: 'platform2' })
}

/** Waits until no run was under way for `forMs`; 2,500 is longer than two looks for pushes, each of which may begin one. */
export async function quiet({ platform }: PlatformForTest, forMs = 2_500): Promise<void> {
  const states = ['queued', 'running'] as const
  let since: number | undefined
  const none = async () => {
    const isBusy = (await listRuns(platform.db, { states: [...states], limit: 1 })).length > 0
    since = isBusy ? undefined : (since ?? performance.now())
    return since !== undefined && performance.now() - since > forMs
  }
  await waitUntil(none, { what: 'no run to be under way', ms: 90_000 })
}

export async function review(
  { platform, caller }: PlatformForTest,
  {
    repo,
    number,
    by,
    decision = 'approve',
  }: { repo: RepoRef; number: number; by: string; decision?: 'approve' | 'reject' },
): Promise<void> {
  const { headCommit } = await requireChange(platform, { repo, number })
  await reviewChange(platform, await caller(by), {
    place: { repo, number },
    decision,
    head: headCommit,
    comment: 'looked at',
  })
}

export function numberOf(run: { result?: Record<string, unknown> | undefined }): number {
  const handOver = run.result?.['handOver'] as { number: number } | undefined
  if (!handOver) throw new Error('the run has no change request')
  return handOver.number
}

async function propose(
  whole: PlatformForTest,
  { repo, name, by = 'dev' }: { repo: RepoRef; name: string; by?: string },
): Promise<number> {
  const { platform, caller, push } = whole
  await push({ repo, by, branch: name, write: { [`docs/${name}.md`]: name } })
  const change = await openChange(platform, await caller(by), { repo, branch: name, title: name, description: '' })
  await quiet(whole)
  return change.number
}
