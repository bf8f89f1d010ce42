import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { findRun, patchRun, stepOutputs } from '#store/run.ts'
import { recordStep } from '#store/run-step.ts'
import { createServiceWorkflow } from '../create-service/create-service.ts'
import { defineStep, type StepContext, type StepDefinition } from '../engine/step.ts'
import { defineWorkflow } from '../engine/workflow.ts'

export const UndoInput = z.object({ run: z.string(), service: z.string() })

const Walked = z.array(z.object({ step: z.string(), undone: z.boolean(), reason: z.string() }))

/** Walks the recorded effects of a run backwards; keeps and lists what somebody else changed since. */
export const walkBackStep = defineStep({
  name: 'walk-back',
  title: 'Undo effects',
  input: UndoInput,
  output: z.object({ walked: Walked }),
  retry: { attempts: 3, waitMs: 500 },
  external: true,
  describe: ({ run }) => `Effects of run ${run} removed`,
  effect: ({ walked }) =>
    walked.map(({ step, undone, reason }) => `${step}: ${undone ? '' : 'kept, '}${reason}`).join('; ') ||
    'Nothing was there to undo',
  async run(context, { run }) {
    const original = await findRun(context.platform.db, run)
    if (!original) throw new PlatformError('RUN_UNKNOWN', `run ${run} is gone`)
    const outputs = await stepOutputs(context.platform.db, run)
    const walked: z.infer<typeof Walked> = []
    for (const step of undoableSteps()) {
      const output = outputs.get(step.name)
      if (output) walked.push(await undoOne({ ...context, run }, step, output))
    }
    await patchRun(context.platform.db, run, { state: 'undone', finished: true })
    await context.platform.events.publish('run', run)
    return { walked }
  },
})

export const undoWorkflow = defineWorkflow({
  name: 'undo',
  input: UndoInput,
  steps: [walkBackStep],
  async run(flow, input) {
    const { walked } = await flow.step(walkBackStep, input)
    return { state: 'succeeded', result: { undid: input.run, walked } }
  },
})

/** What an undo of this run would remove, newest effect first. */
export async function undoPlan(
  platform: StepContext['platform'],
  run: string,
): Promise<{ step: string; effect: string; willUndo: boolean }[]> {
  const original = await findRun(platform.db, run)
  const undoable = new Set(undoableSteps().map((step) => step.name))
  const done = (original?.steps ?? []).filter((step) => step.state === 'succeeded' && step.effect)
  return done
    .toReversed()
    .map((step) => ({ step: step.name, effect: step.effect ?? step.title, willUndo: undoable.has(step.name) }))
}

function undoableSteps(): StepDefinition[] {
  return createServiceWorkflow.steps.filter((step) => step.undo !== undefined).toReversed()
}

/** `context.run` is the original run: its marker decides what may go. */
async function undoOne(
  context: StepContext,
  step: StepDefinition,
  output: Record<string, unknown>,
): Promise<z.infer<typeof Walked>[number]> {
  const result = await step.undo?.(context, step.output.parse(output))
  const { undone, reason } = result ?? { undone: false, reason: 'this step has no undo' }
  context.log(`${step.name}: ${reason}`, undone ? 'info' : 'warn')
  await recordStep(context.platform.db, context.run, { step, state: undone ? 'undone' : 'kept', effect: reason })
  return { step: step.name, undone, reason }
}
