// Apart from run.ts, whose schemas load zod: the command line asks this in a hurry.
import type { Run, RunState, Workflow } from './run.ts'

/** `waiting` is parked for a person; it costs a row and nothing else. */
export const runStates = [
  'queued',
  'running',
  'waiting',
  'succeeded',
  'failed',
  'cancelled',
  'superseded',
  'undone',
] as const

export const terminalStates: readonly RunState[] = ['succeeded', 'failed', 'cancelled', 'superseded', 'undone']

/** Workflows that leave something an undo could take back. */
const withEffects: readonly Workflow[] = ['create-service', 'release', 'promote', 'rollback', 'adopt-service']

/** Predicates over a run's state: what may be done with it now. */
export const runCan = {
  retry: (run: Pick<Run, 'state'>) => run.state === 'failed',
  /** A run that waits is taken back as it waits; one that is under way is cancelled first. */
  undo: (run: Pick<Run, 'state' | 'workflow'>) =>
    (['failed', 'cancelled', 'waiting'] as RunState[]).includes(run.state) && withEffects.includes(run.workflow),
  /** An undo goes to its end. */
  cancel: (run: Pick<Run, 'state' | 'workflow'>) => !terminalStates.includes(run.state) && run.workflow !== 'undo',
  finish: (run: Pick<Run, 'state'>) => !terminalStates.includes(run.state),
}
