import { PlatformError } from '#errors/platform-error.ts'
import type { Platform } from '../platform.ts'

/** Steps fail with errors of ours: any other came from between them, as when the engine cannot read a checkpoint. */
export function betweenSteps(platform: Platform, run: string, thrown: unknown): PlatformError {
  platform.log.error({ err: thrown, run }, 'a run broke off between its steps')
  const message = 'the run broke off between two steps: what was recorded of it cannot be read'
  const hint = `the log of the control plane says more; take back what it made: fairway run undo ${run}`
  return new PlatformError('STEP_FAILED', message, { cause: thrown, hint })
}
