import type { Run } from '#model/run.ts'
import type { TourStage } from '#model/tour.ts'
import { findRun, listRuns } from '#store/run.ts'
import { deploymentsIn } from '#workflows/deliver/history.ts'
import type { Platform } from '#workflows/platform.ts'
import { releaseRunId } from '../start-run.ts'
import { type Looked, tourOf } from './look.ts'

/** Where the tour stands, and the run that shows it. */
export interface Standing {
  readonly stage: TourStage
  readonly run?: string
  readonly over?: string
}

const underWay: readonly Run['state'][] = ['queued', 'running', 'waiting']

/** Told by the head of main, its run, and what the delivery repository says of the first environment. */
export async function standingOf(platform: Platform, looked: Looked): Promise<Standing> {
  const { place, head, isBroken, over } = looked
  if (over !== undefined) return { stage: 'over', over }
  if (!head) return { stage: 'making' }
  const act = tourOf(head)
  const id = act === undefined ? runIdOf(head) : releaseRunId(place.service, head.commit)
  const run = await findRun(platform.db, id)
  const begun = isBroken ? 'breaking' : act === 'mend' ? 'mending' : 'making'
  if (!run || underWay.includes(run.state)) return { stage: begun, ...(run && { run: run.id }) }
  if (isBroken) return brokenOrBack(platform, { looked, run })
  if (run.state === 'succeeded') return { stage: 'whole', run: run.id }
  return { stage: 'over', run: run.id, over: `its last run did not succeed: fairway run show ${run.id}` }
}

async function brokenOrBack(
  platform: Platform,
  { looked: { place, head }, run }: { looked: Looked; run: Run },
): Promise<Standing> {
  const { service, environment } = place
  const [back] = await listRuns(platform.db, { service, environment, workflow: 'rollback', limit: 1 })
  const isNewer = back !== undefined && back.startedAt > run.startedAt
  if (isNewer && underWay.includes(back.state)) return { stage: 'rolling-back', run: back.id }
  const [now] = await deploymentsIn(platform, place, 1)
  const isThere = now === undefined || now.sourceCommit === head?.commit
  return isThere ? { stage: 'broken', run: run.id } : { stage: 'back', run: isNewer ? back.id : run.id }
}

function runIdOf({ trailers }: NonNullable<Looked['head']>): string {
  return trailers.find(([key]) => key === 'Run-Id')?.[1] ?? ''
}
