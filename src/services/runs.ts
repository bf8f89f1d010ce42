import { PlatformError } from '#errors/platform-error.ts'
import type { Run, RunDetail, RunLogLine, RunState, Workflow } from '#model/run.ts'
import { runCan } from '#model/run-states.ts'
import { appendAudit } from '#store/audit.ts'
import { findRun, listRuns as listStoredRuns, patchRun, readRunLog, requestCancel, usualSeconds } from '#store/run.ts'
import { inTransaction } from '#store/transaction.ts'
import { closeProposal } from '#workflows/deliver/close-change.ts'
import type { Platform } from '#workflows/platform.ts'
import { type PlannedUndo, plannedUndo, undoPlan } from '#workflows/undo/undo.ts'
import { withIntent } from './audit/with-intent.ts'
import { authorise, type Caller } from './caller.ts'
import { startRun } from './start-run.ts'
import { runActs } from './run-acts.ts'
import { undoRunId } from './undo-run-id.ts'

/** One run with its steps, how long such runs usually take and what the caller may do with it. */
export async function readRun(platform: Platform, caller: Caller, id: string): Promise<RunDetail> {
  authorise(caller, 'read')
  const run = await requireRun(platform, id)
  const usual = await usualSeconds(platform.db, run.workflow)
  return { ...run, ...(usual !== undefined && { usualSeconds: usual }), acts: runActs(caller, run) }
}

export interface RunQuery {
  readonly state?: RunState | undefined
  readonly service?: string | undefined
  readonly workflow?: Workflow | undefined
  readonly mine?: boolean | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/** Newest first. */
export async function listRuns(
  platform: Platform,
  caller: Caller,
  query: RunQuery,
): Promise<{ items: Run[]; next?: string }> {
  authorise(caller, 'read')
  const items = await listStoredRuns(platform.db, {
    ...(query.state && { state: query.state }),
    ...(query.service && { service: query.service }),
    ...(query.workflow && { workflow: query.workflow }),
    ...(query.mine && { requestedBy: caller.person.name }),
    ...(query.cursor && { before: query.cursor }),
    limit: query.limit,
  })
  const last = items.at(-1)
  return { items: [...items], ...(items.length === query.limit && last && { next: `${last.startedAt},${last.id}` }) }
}

export async function readLog(
  platform: Platform,
  caller: Caller,
  { id, ...query }: { id: string; after: number; step?: string | undefined; limit: number },
): Promise<RunLogLine[]> {
  authorise(caller, 'read')
  await requireRun(platform, id)
  return [
    ...(await readRunLog(platform.db, id, {
      after: query.after,
      limit: query.limit,
      ...(query.step && { step: query.step }),
    })),
  ]
}

/** Goes on from the failed step under the same id; who may is asked again. */
export async function retryRun(platform: Platform, caller: Caller, id: string): Promise<Run> {
  const run = await requireRun(platform, id)
  authorise(caller, 'run.retry', run.team)
  if (!runCan.retry(run))
    throw new PlatformError('RUN_NOT_RETRYABLE', `run ${id} is ${run.state}`, { hint: `fairway run show ${id}` })
  if (run.workflow !== 'undo' && (await findRun(platform.db, undoRunId(id))))
    throw new PlatformError('RUN_NOT_RETRYABLE', `run ${id} is being undone`, {
      hint: `fairway run show ${undoRunId(id)}`,
    })
  const record = { actor: caller.person.name, action: 'run.retry', object: `run:${id}`, run: id }
  await withIntent(platform.db, { record, work: () => platform.engine.retry(run) })
  return requireRun(platform, id)
}

/**
 * Ends a run: one that waits at once, with its change request; one that is under way at its next step, or in the step
 * where that can be cut off. What it made until then stays until somebody undoes it.
 */
export async function cancelRun(platform: Platform, caller: Caller, id: string): Promise<Run> {
  const run = await requireRun(platform, id)
  authorise(caller, 'run.cancel', run.team)
  if (run.state === 'cancelled') return run
  if (!runCan.cancel(run)) throw notCancellable(run)
  const by = caller.person.name
  await inTransaction(platform.pool, async (tx) => {
    const ended = { state: 'cancelled', finished: true, waitingFor: null, when: ['waiting'] } as const
    const taken = (await patchRun(tx, id, ended)) ?? (await requestCancel(tx, id, by))
    if (taken === undefined) throw notCancellable((await findRun(tx, id)) ?? run)
    const audit = { actor: by, action: 'run.cancel', object: `run:${id}`, phase: 'act', result: 'ok', run: id } as const
    await appendAudit(tx, audit)
  })
  platform.engine.cancel(id, by)
  await closeProposal(platform, { run: id, reason: `run ${id} was cancelled by ${by}` })
  await platform.events.publish('run', id)
  return requireRun(platform, id)
}

function notCancellable(run: Run): PlatformError {
  const message =
    run.workflow === 'undo' ? `an undo goes to its end; ${run.id} is ${run.state}` : `run ${run.id} is ${run.state}`
  return new PlatformError('RUN_NOT_CANCELLABLE', message, { hint: `fairway run show ${run.id}` })
}

/** Starts a run that walks the effects of this one backwards; from that moment on nobody can retry or approve it. */
export async function undoRun(platform: Platform, caller: Caller, id: string): Promise<Run> {
  const run = await undoable(platform, caller, id)
  const earlier = await findRun(platform.db, undoRunId(id))
  if (earlier?.state === 'failed') return retryRun(platform, caller, earlier.id)
  return startRun(platform, {
    id: undoRunId(id),
    workflow: 'undo',
    actor: caller.person.name,
    service: run.service ?? '',
    team: run.team ?? '',
    ...(run.environment && { environment: run.environment }),
    input: { run: id, service: run.service ?? '' },
    steps: plannedUndo(run),
    async within(tx) {
      const taken = { state: 'cancelled', finished: true, waitingFor: null, when: [run.state] } as const
      if ((await patchRun(tx, id, taken)) === undefined)
        throw new PlatformError('RUN_NOT_UNDOABLE', `run ${id} went on meanwhile`, { hint: `fairway run show ${id}` })
    },
  })
}

/** What an undo would remove and what it would keep. */
export async function previewUndo(platform: Platform, caller: Caller, id: string): Promise<PlannedUndo[]> {
  return undoPlan(platform, await undoable(platform, caller, id))
}

async function undoable(platform: Platform, caller: Caller, id: string): Promise<Run> {
  const run = await requireRun(platform, id)
  authorise(caller, 'run.undo', run.team)
  if (runCan.undo(run)) return run
  throw new PlatformError('RUN_NOT_UNDOABLE', `run ${id} (${run.workflow}) is ${run.state}`, {
    hint: insteadOfUndo(run),
  })
}

function insteadOfUndo(run: Run): string {
  if (run.state === 'undone') return `it was taken back by: fairway run show ${undoRunId(run.id)}`
  if (run.state === 'superseded') return 'a newer run replaced it; nothing of it is in force'
  if (run.state === 'running' || run.state === 'queued') return `end it first: fairway run cancel ${run.id}`
  if (run.workflow === 'check' || run.workflow === 'undo') return `a ${run.workflow} leaves nothing to take back`
  const place = `${run.service ?? 'SERVICE'} --env ${run.environment ?? 'ENVIRONMENT'}`
  return `a succeeded deployment is taken back with: fairway rollback ${place}`
}

async function requireRun(platform: Platform, id: string): Promise<Run> {
  const run = await findRun(platform.db, id)
  if (run) return run
  throw new PlatformError('RUN_UNKNOWN', `no run has the id ${id}`, { hint: 'fairway run list' })
}
