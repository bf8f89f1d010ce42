import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import type { Run } from '#model/run.ts'
import { findRun } from '#store/run.ts'
import { recordStep } from '#store/run-step.ts'
import { adoptServiceWorkflow } from '../adopt/adopt-service.ts'
import { createServiceWorkflow } from '../create-service/create-service.ts'
import { DeliveryPlace } from '../deliver/place.ts'
import {
  defineStep,
  type StepContext,
  type StepDefinition,
  type StepUndo,
  type Undone,
  type UndoLook,
} from '../engine/step.ts'
import { promoteWorkflow } from '../promote/promote.ts'
import { releaseWorkflow } from '../release/release.ts'
import { rollbackWorkflow } from '../rollback/rollback.ts'

const Outcome = z.object({
  undone: z.boolean(),
  reason: z.string(),
  /** Where the earlier deployment came back. */
  restored: DeliveryPlace.extend({ commit: z.string() }).optional(),
})
export type StepOutcome = z.output<typeof Outcome>

const Input = z.object({ run: z.string() })

const undoable: ReadonlyMap<string, { readonly step: StepDefinition; readonly undo: StepUndo }> = new Map(
  [createServiceWorkflow, releaseWorkflow, promoteWorkflow, rollbackWorkflow, adoptServiceWorkflow]
    .flatMap((workflow): readonly StepDefinition[] => workflow.steps)
    .flatMap((step) => (step.undo ? [[step.name, { step, undo: step.undo }] as const] : [])),
)

/** One durable step for the effect of each step of the workflows that can be undone, by the name of that step. */
export const undoSteps: ReadonlyMap<string, StepDefinition<typeof Input, typeof Outcome>> = new Map(
  [...undoable.values()].map(({ step, undo }) => [step.name, undoStep(step, undo)] as const),
)

/** What would become of the effect of a step. Changes nothing. */
export async function lookAt(step: string, context: UndoLook): Promise<Undone | undefined> {
  return undoable.get(step)?.undo.look(context)
}

/** Names of the steps of a run that may have had an effect, newest first; one that was cut off may have had it too. */
export function effectSteps(run: Run): string[] {
  return run.steps
    .filter((step) => step.state !== 'pending' && undoSteps.has(step.name))
    .map((step) => step.name)
    .toReversed()
}

function undoStep(step: StepDefinition, undo: StepUndo) {
  return defineStep({
    name: `undo-${step.name}`,
    title: `Undo: ${step.title}`,
    input: Input,
    output: Outcome,
    retry: { attempts: 5, waitMs: 400 },
    seconds: 120,
    external: true,
    describe: ({ run }) => `“${step.title}” of run ${run} is taken back, unless somebody changed it since`,
    effect: ({ undone, reason }) => (undone ? reason : `Kept: ${reason}`),
    run: (context, { run }) => walkBack(context, { step, undo, run }),
  })
}

async function walkBack(
  context: StepContext,
  { step, undo, run }: { step: StepDefinition; undo: StepUndo; run: string },
): Promise<StepOutcome> {
  const { platform, log } = context
  const original = await findRun(platform.db, run)
  if (!original) throw new PlatformError('RUN_UNKNOWN', `run ${run} is gone`)
  const seen = await undo.look({ ...context, original })
  const { undone, reason, restored } = seen.undone ? await undo.act({ ...context, original }) : seen
  log(reason, undone ? 'info' : 'warn')
  await recordStep(platform.db, run, { step, state: undone ? 'undone' : 'kept', effect: reason, hold: context.hold })
  const { service = '', environment = '', team = '' } = original
  const place = { service, environment, owner: team }
  return { undone, reason, ...(restored !== undefined && { restored: { ...place, commit: restored } }) }
}
