import { z } from 'zod'
import { Instant, Name } from './names.ts'
import { Problem } from './problem.ts'
import { runStates } from './run-states.ts'

export const Workflow = z.enum([
  'create-service',
  'release',
  'promote',
  'rollback',
  'undo',
  'check',
  'revert-drift',
  'adopt-drift',
  'repair-drift',
  'render-cluster',
  'adopt-service',
])
export type Workflow = z.infer<typeof Workflow>

export const RunState = z.enum(runStates)
export type RunState = z.infer<typeof RunState>

export const StepState = z.enum(['pending', 'running', 'succeeded', 'failed', 'skipped', 'waiting', 'undone', 'kept'])

export const RunStep = z
  .object({
    name: z.string(),
    title: z.string(),
    state: StepState,
    attempt: z.int(),
    /** What exists now because of this step, in one sentence. */
    effect: z.string().optional(),
    startedAt: Instant.optional(),
    finishedAt: Instant.optional(),
    error: Problem.optional(),
  })
  .meta({ id: 'RunStep' })
export type RunStep = z.infer<typeof RunStep>

/** One durable execution. Its id never changes, also over retries and waits. */
export const Run = z
  .object({
    id: z.string(),
    workflow: Workflow,
    state: RunState,
    service: Name.optional(),
    environment: Name.optional(),
    team: Name.optional(),
    requestedBy: z.string(),
    /** What the run was asked to do, as allow-listed facts. */
    input: z.record(z.string(), z.unknown()),
    steps: z.array(RunStep),
    /** What came of it: commit, release, change request, url. */
    result: z.record(z.string(), z.unknown()).optional(),
    error: Problem.optional(),
    /** Whom or what a waiting run waits for. */
    waitingFor: z.string().optional(),
    startedAt: Instant,
    finishedAt: Instant.optional(),
    /** Median seconds of earlier succeeded runs of this workflow. */
    usualSeconds: z.number().optional(),
    /** Grows with every change; clients use it to drop old events. */
    version: z.int(),
  })
  .meta({ id: 'Run' })
export type Run = z.infer<typeof Run>

export const RunLogLine = z
  .object({ seq: z.int(), at: Instant, step: z.string(), level: z.enum(['info', 'warn', 'error']), text: z.string() })
  .meta({ id: 'RunLogLine' })
export type RunLogLine = z.infer<typeof RunLogLine>

const RunAct = z.object({ can: z.boolean(), reason: z.string().optional() })

/** What whoever asked may do with the run now; a reason stands where its state would allow it, but not to them. */
export const RunActs = z.object({ retry: RunAct, cancel: RunAct, undo: RunAct }).meta({ id: 'RunActs' })
export type RunActs = z.infer<typeof RunActs>

export const RunDetail = Run.extend({ acts: RunActs }).meta({ id: 'RunDetail' })
export type RunDetail = z.infer<typeof RunDetail>
