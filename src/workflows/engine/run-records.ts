import { PlatformError } from '#errors/platform-error.ts'
import { problemOf } from '#errors/problem-of.ts'
import { cancelledBy, executionOf, findRun, patchRun } from '#store/run.ts'
import { type Hold, requireHold } from '#store/run-execution.ts'
import { inTransaction } from '#store/transaction.ts'
import { keepNewestWaiting } from '#store/waiting-runs.ts'
import type { Platform } from '../platform.ts'
import { cancelled } from './executions.ts'
import type { Facts } from './step.ts'
import type { Ending, WorkflowDefinition } from './workflow.ts'

/** An execution that this process carries. */
export interface Held {
  readonly platform: Platform
  readonly id: string
  readonly hold: Hold
  readonly workflow: WorkflowDefinition
}

/** Says that the run is under way, and gives what it was asked. */
export async function begin({
  platform,
  id,
  hold,
}: Held): Promise<{ actor: string; input: Facts; cancelledBy?: string | undefined }> {
  const begun = await inTransaction(platform.pool, async (tx) => {
    await requireHold(tx, hold)
    const by = await cancelledBy(tx, id)
    await patchRun(tx, id, { state: 'running', error: null, finished: false })
    const run = await findRun(tx, id)
    if (!run) throw new PlatformError('RUN_UNKNOWN', `run ${id} is gone`)
    return { actor: run.requestedBy, input: run.input, ...(by !== undefined && { cancelledBy: by }) }
  })
  await platform.events.publish('run', id)
  return begun
}

/** Ends the run for good until somebody retries it. */
export async function fail({ platform, id, hold }: Held, problem: ReturnType<typeof problemOf>): Promise<void> {
  await inTransaction(platform.pool, async (tx) => {
    await requireHold(tx, hold)
    const isCancelled = (await cancelledBy(tx, id)) !== undefined
    const otherwise = problem.code === 'SUPERSEDED' ? 'superseded' : 'failed'
    await patchRun(tx, id, { state: isCancelled ? 'cancelled' : otherwise, error: problem, finished: true })
  })
  await platform.events.publish('run', id)
}

/** Ends the run, parks it, or hands it over: in one transaction with whatever that starts or replaces. */
export async function end({ platform, id, hold, workflow }: Held, ending: Ending): Promise<void> {
  const replaced = await inTransaction(platform.pool, async (tx, client) => {
    await requireHold(tx, hold)
    const { state, result } = ending
    if (state === 'succeeded') return void (await patchRun(tx, id, { state, result, finished: true, waitingFor: null }))
    if ((await executionOf(tx, id)) !== id) return // this end was cut off behind its commit and is repeated
    const { environment } = ending
    const by = await cancelledBy(tx, id)
    if (by !== undefined) {
      const error = problemOf(cancelled(id, by))
      return void (await patchRun(tx, id, { state: 'cancelled', result, environment, error, finished: true }))
    }
    const waitingFor = state === 'waiting' ? ending.waitingFor : null
    await patchRun(tx, id, { state: 'waiting', result, environment, waitingFor, when: ['running', 'queued'] })
    const run = await findRun(tx, id)
    if (state === 'waiting') return run?.service ? keepNewestWaiting(tx, { service: run.service, environment }) : []
    if (run) await platform.engine.deliver(tx, client, run)
  })
  for (const other of replaced ?? []) {
    await workflow.replaced?.(platform, other)
    await platform.events.publish('run', other)
  }
  await platform.events.publish('run', id)
}
