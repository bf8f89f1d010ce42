import { setTimeout as wait } from 'node:timers/promises'
import type { z } from 'zod'
import { isDatabaseAway } from '#errors/database-away.ts'
import { codeOf, isRetryable, PlatformError } from '#errors/platform-error.ts'
import { problemOf } from '#errors/problem-of.ts'
import type { NewAudit } from '#store/audit.ts'
import { type Hold, isTakenOver, requireHold } from '#store/run-execution.ts'
import { recordStep } from '#store/run-step.ts'
import { throughOutage } from '#store/through-outage.ts'
import type { Platform } from '../platform.ts'
import { absence } from './absence.ts'
import type { AroundStep } from './around-step.ts'
import { cancelled } from './executions.ts'
import { heldPlatform } from './held-platform.ts'
import { runLog } from './run-log.ts'
import type { Facts, StepDefinition } from './step.ts'

export interface StepCall {
  readonly run: string
  readonly actor: string
  readonly platform: Platform
  readonly hold: Hold
  readonly ended: AbortSignal
  readonly around: AroundStep
}

/** One attempt-with-retries of a step, with its record, log, audit rows and events. What it throws is a PlatformError, or says that somebody else carries the run. */
export async function executeStep<I extends z.ZodType, O extends z.ZodType>(
  call: StepCall,
  step: StepDefinition<I, O>,
  raw: z.input<I>,
): Promise<z.output<O>> {
  const input = step.input.parse(raw)
  const log = runLog(call, step.name)
  const away = absence()
  try {
    for (let attempt = 1; ; ) {
      // What the database cut off counts as no attempt of the step: it is done again with the same key.
      const end = await throughOutage(call.platform.db, () => attemptOnce(call, { step, input, log }))
      if ('output' in end) return end.output
      const untilBack = away(end.error)
      if (untilBack !== undefined && !call.ended.aborted) {
        log(`it is done again in ${Math.round(untilBack / 100) / 10} s`, 'warn')
        await wait(untilBack, undefined, { signal: call.ended }).catch(() => {})
        continue
      }
      if (attempt >= (step.retry?.attempts ?? 1) || !isRetryable(end.error)) throw end.error
      const pause = (step.retry?.waitMs ?? 500) * 2 ** (attempt - 1)
      log(`attempt ${attempt} failed, next in ${Math.round(pause / 100) / 10} s`, 'warn')
      await wait(pause, undefined, { signal: call.ended }).catch(() => {})
      attempt += 1
    }
  } finally {
    await log.flush()
  }
}

interface Attempt<I extends z.ZodType, O extends z.ZodType> {
  readonly step: StepDefinition<I, O>
  readonly input: z.output<I>
  readonly log: ReturnType<typeof runLog>
}

async function attemptOnce<I extends z.ZodType, O extends z.ZodType>(
  call: StepCall,
  { step, input, log }: Attempt<I, O>,
): Promise<{ output: z.output<O> } | { error: unknown }> {
  const { platform, run, actor, hold, ended } = call
  const audited = (record: Pick<NewAudit, 'phase' | 'result' | 'detail'>) =>
    step.external && { audit: { actor, action: `run.${step.name}`, object: `run:${run}`, run, ...record } }
  const intent = audited({ phase: 'intent', detail: { effect: step.describe(input) } })
  const { cancelledBy } = await recordStep(platform.db, run, { step, state: 'running', error: null, hold, ...intent })
  try {
    if (cancelledBy !== undefined) throw cancelled(run, cancelledBy)
    const signal = AbortSignal.any([AbortSignal.timeout((step.seconds ?? 120) * 1000), ended])
    const held = heldPlatform(platform, () => requireHold(platform.db, hold))
    const context = { run, key: `${run}:${step.name}`, actor, platform: held, log, signal, hold }
    const place = { run, step: step.name, part: 'effect' } as const
    const output = step.output.parse(await call.around(place, () => step.run(context, input)))
    const effect = step.effect ? step.effect(output, input) : step.describe(input)
    const outcome = audited({ phase: 'outcome', result: 'ok', detail: { effect } })
    await recordStep(platform.db, run, { step, state: 'succeeded', effect, output: output as Facts, hold, ...outcome })
    return { output }
  } catch (caught) {
    const thrown = ended.aborted ? (ended.reason as unknown) : caught
    if (isDatabaseAway(thrown)) throw thrown
    if (isTakenOver(caught) || isTakenOver(thrown)) throw isTakenOver(caught) ? caught : thrown
    const error = known(thrown, { step, platform, run })
    log(error.message, 'error')
    const outcome = audited({ phase: 'outcome', result: 'failed', detail: { code: error.code } })
    await recordStep(platform.db, run, { step, state: 'failed', error: problemOf(error), hold, ...outcome })
    return { error }
  }
}

/** Foreign errors go to the operator's log whole and to the run as STEP_FAILED. */
function known(
  thrown: unknown,
  { step, platform, run }: { step: StepDefinition; platform: Platform; run: string },
): PlatformError {
  if (thrown instanceof PlatformError) return thrown
  const code = codeOf(thrown)
  if (code)
    return Object.assign(new PlatformError(code, (thrown as Error).message), {
      hint: (thrown as { hint?: string }).hint,
    })
  platform.log.error({ err: thrown, run, step: step.name }, 'a step failed with an error nobody foresaw')
  if (isDiskFull(thrown))
    return new PlatformError('DISK_FULL', `step ${step.name} could not write: no space left on the disk`, {
      cause: thrown,
      hint: `make room on the disk of the data folder; then: fairway run retry ${run}`,
    })
  const timedOut = (thrown as { name?: string } | undefined)?.name === 'TimeoutError'
  const message = timedOut
    ? `step ${step.name} took longer than ${step.seconds ?? 120} s`
    : `step ${step.name} failed: ${(thrown as Error)?.message?.split('\n')[0] ?? 'unknown error'}`
  return new PlatformError('STEP_FAILED', message, { cause: thrown, hint: `fairway run retry ${run}` })
}

/** As the kernel says it, and as PostgreSQL does. */
function isDiskFull(thrown: unknown): boolean {
  const { code, cause } = (thrown ?? {}) as { code?: unknown; cause?: unknown }
  return ['ENOSPC', 'EDQUOT', '53100'].includes(String(code)) || (cause !== undefined && isDiskFull(cause))
}
