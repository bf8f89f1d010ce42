import { can, whoMay } from '#access/can.ts'
import type { Run, RunActs } from '#model/run.ts'
import { runCan } from '#model/run-states.ts'
import type { Caller } from './caller.ts'

/** What the caller may do with a run now: by its state and by the rights that `retryRun`, `cancelRun` and `undoRun` ask for. */
export function runActs({ person }: Caller, run: Run): RunActs {
  const act = (name: keyof RunActs) => {
    const action = `run.${name}` as const
    if (!runCan[name](run)) return { can: false }
    return can(person, action, run.team) ? { can: true } : { can: false, reason: `ask ${whoMay(action, run.team)}` }
  }
  return { retry: act('retry'), cancel: act('cancel'), undo: act('undo') }
}
