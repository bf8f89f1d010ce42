import { PlatformError } from '#errors/platform-error.ts'
import type { Database } from '#store/database.ts'
import { type Hold, isTakenOver, requireHold, takeExecution } from '#store/run-execution.ts'
import { throughOutage } from '#store/through-outage.ts'

/** An execution that this process carries. */
export interface OpenExecution {
  readonly run: string
  readonly hold: Hold
  /** Aborts what its present step does: somebody ended the run, or another replica carries it by now. */
  readonly ended: AbortSignal
  close(): void
}

export interface Executions {
  /** Takes the execution; waits while the database is away. */
  open(run: string, execution: string): Promise<OpenExecution>
  cancel(run: string, by: string): void
  /** Lets go of what somebody else took meanwhile. */
  letGo(): Promise<void>
}

/** What this process is carrying out now. */
export function openExecutions(db: Database): Executions {
  const carried = new Set<OpenExecution & { end(reason: unknown): void }>()
  return {
    async open(run, execution) {
      const hold = await throughOutage(db, () => takeExecution(db, execution))
      const controller = new AbortController()
      const one = {
        run,
        hold,
        ended: controller.signal,
        close: () => void carried.delete(one),
        end: (reason: unknown) => controller.abort(reason),
      }
      carried.add(one)
      return one
    },
    cancel(run, by) {
      for (const one of carried) if (one.run === run) one.end(cancelled(run, by))
    },
    async letGo() {
      for (const one of carried) {
        await requireHold(db, one.hold).catch((error: unknown) => {
          if (isTakenOver(error)) one.end(error)
        })
      }
    },
  }
}

/** What ends a step of a run that somebody cancelled. */
export function cancelled(run: string, by: string): PlatformError {
  return new PlatformError('RUN_CANCELLED', `${by} ended the run`, {
    hint: `what it made until then stays; take it back with: fairway run undo ${run}`,
  })
}
