import { pushRefs } from '#lib/git/remote.ts'
import { changeId, type HostChange } from '#model/change-request.ts'
import { deliveryRepo } from '#model/names.ts'
import { findRun } from '#store/run.ts'
import type { StepUndo } from '../engine/step.ts'
import type { Platform } from '../platform.ts'
import { runBranch } from './place.ts'

/** Closes the change request of a run and deletes its branch; a merged one is the record of what happened and stays. */
export const changeUndo: StepUndo = {
  async look({ platform, original }) {
    const { change, head, isForeign } = await proposalOf(platform, original.id)
    if (change?.state === 'merged')
      return { undone: false, reason: `change request ${changeId(change)} is merged and stays as the record of it` }
    if (isForeign)
      return { undone: false, reason: `branch ${runBranch(original.id)} has commits that this run did not make` }
    if (!change && !head) return { undone: true, reason: 'no change request was opened' }
    return { undone: true, reason: sentence(change, original.id, 'is') }
  },
  async act({ platform, original }) {
    const { change, head } = await proposalOf(platform, original.id)
    if (change) await platform.ports.gitHost.changes.close(deliveryRepo, change.number, `run ${original.id} was undone`)
    const to = `refs/heads/${runBranch(original.id)}`
    if (head)
      await pushRefs({ dir: platform.objects }, await platform.ports.gitHost.remote(deliveryRepo), [
        { commit: undefined, to, expect: head },
      ])
    if (change) await platform.events.publish('change', changeId(change))
    return { undone: true, reason: sentence(change, original.id, 'was') }
  },
}

/** Closes the change request of a run that waits no more, so that nobody approves it in vain. Safe to repeat. */
export async function closeProposal(
  platform: Platform,
  { run, reason = 'its run has ended' }: { run: string; reason?: string },
): Promise<void> {
  const { changes } = platform.ports.gitHost
  const found = await findRun(platform.db, run)
  if (!found || !['cancelled', 'superseded', 'undone'].includes(found.state)) return
  const change = await changes.findByHead(deliveryRepo, runBranch(run))
  if (change?.state !== 'open') return
  await changes.close(deliveryRepo, change.number, reason)
  await platform.events.publish('change', changeId(change))
}

interface Proposal {
  readonly change: HostChange | undefined
  readonly head: string | undefined
  /** Somebody pushed to the run's branch. */
  readonly isForeign: boolean
}

async function proposalOf(platform: Platform, run: string): Promise<Proposal> {
  const { changes, files } = platform.ports.gitHost
  const branch = runBranch(run)
  const [change, head] = await Promise.all([
    changes.findByHead(deliveryRepo, branch),
    files.resolve(deliveryRepo, `refs/heads/${branch}`),
  ])
  const [newest] = head ? await files.history(deliveryRepo, { ref: head, limit: 1 }) : []
  const isOurs = newest?.trailers.some(([key, value]) => key === 'Run-Id' && value === run)
  return { change, head, isForeign: newest !== undefined && !isOurs }
}

function sentence(change: HostChange | undefined, run: string, word: 'is' | 'was'): string {
  const branch = `branch ${runBranch(run)} ${word} deleted`
  return change ? `change request ${changeId(change)} ${word} closed, ${branch}` : branch
}
