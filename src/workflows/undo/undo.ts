import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { findRun, patchRun } from '#store/run.ts'
import type { Run } from '#model/run.ts'
import { defineWorkflow, type Flow } from '../engine/workflow.ts'
import { watchRolloutStep } from '../deliver/watch-rollout.ts'
import { defineStep } from '../engine/step.ts'
import type { Platform } from '../platform.ts'
import { effectSteps, lookAt, type StepOutcome, undoSteps } from './undo-steps.ts'

export const UndoInput = z.object({ run: z.string(), service: z.string() })

/** Settles which effects there are, newest first; from here on the walk goes by this list, whatever dies. */
export const readEffectsStep = defineStep({
  name: 'read-effects',
  title: 'Read effects',
  input: UndoInput,
  output: z.object({ steps: z.array(z.string()) }),
  describe: ({ run }) => `Effects of run ${run}, newest first`,
  effect: ({ steps }) => (steps.length === 0 ? 'Nothing was made' : `${steps.length} effects, newest first`),
  run: async ({ platform }, { run }) => ({ steps: effectSteps(await original(platform, run)) }),
})

/** Says on the original run that it was undone. */
export const markUndoneStep = defineStep({
  name: 'mark-undone',
  title: 'Close the run',
  input: UndoInput,
  output: z.object({}),
  describe: ({ run }) => `Run ${run} is undone`,
  async run({ platform }, { run }) {
    await patchRun(platform.db, run, { state: 'undone', finished: true, waitingFor: null })
    await platform.events.publish('run', run)
    return {}
  },
})

/** Walks the effects of a run backwards, each in a step of its own; keeps and lists what somebody else changed since. */
export const undoWorkflow = defineWorkflow({
  name: 'undo',
  input: UndoInput,
  steps: [readEffectsStep, ...undoSteps.values(), markUndoneStep, watchRolloutStep],
  async run(flow, input) {
    const { steps } = await flow.step(readEffectsStep, input)
    const walked: ({ step: string } & StepOutcome)[] = []
    for (const name of steps) {
      const step = undoSteps.get(name)
      if (step) walked.push({ step: name, ...(await flow.step(step, { run: input.run })) })
    }
    await flow.step(markUndoneStep, input)
    const url = await watchRestored(flow, walked)
    const result = walked.map(({ step, undone, reason }) => ({ step, undone, reason }))
    return { state: 'succeeded', result: { undid: input.run, walked: result, ...url } }
  },
})

/** The steps that the undo of this run will go through. */
export function plannedUndo(run: Run): { name: string; title: string }[] {
  const walk = effectSteps(run).flatMap((name) => undoSteps.get(name) ?? [])
  return [readEffectsStep, ...walk, markUndoneStep].map(({ name, title }) => ({ name, title }))
}

export interface PlannedUndo {
  readonly step: string
  readonly effect: string
  readonly willUndo: boolean
}

/** What an undo of this run would take back and what it would keep, newest effect first. Changes nothing. */
export async function undoPlan(platform: Platform, run: Run): Promise<PlannedUndo[]> {
  const look = { platform, original: run, run: 'preview' }
  const plan: PlannedUndo[] = []
  for (const name of effectSteps(run)) {
    const found = await lookAt(name, look)
    if (found) plan.push({ step: name, effect: found.reason, willUndo: found.undone })
  }
  return plan
}

/** Where something came back, the undo ends when it is healthy. */
async function watchRestored(flow: Flow, walked: readonly StepOutcome[]): Promise<{ url?: string }> {
  const back = walked.find((outcome) => outcome.restored)?.restored
  if (!back) return {}
  const { url } = await flow.step(watchRolloutStep, back)
  return url ? { url } : {}
}

async function original(platform: Platform, id: string): Promise<Run> {
  const run = await findRun(platform.db, id)
  if (run) return run
  throw new PlatformError('RUN_UNKNOWN', `run ${id} is gone`)
}
