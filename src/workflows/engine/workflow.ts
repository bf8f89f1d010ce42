import type { z } from 'zod'
import type { Run } from '#model/run.ts'
import type { Platform } from '../platform.ts'
import type { Facts, StepDefinition } from './step.ts'

/** How one execution of a run ends. */
export type Ending =
  | { readonly state: 'succeeded'; readonly result: Facts }
  /** Parked for a person: `<run>:deliver` starts in the transaction of the deciding approval. */
  | { readonly state: 'waiting'; readonly waitingFor: string; readonly environment: string; readonly result: Facts }
  /** Goes straight on with `<run>:deliver`, one at a time per place. */
  | { readonly state: 'delivering'; readonly environment: string; readonly result: Facts }

export interface Flow {
  readonly run: string
  readonly actor: string
  /** Runs a step durably: a step that ended is not repeated after a crash, one that was cut off runs again with the same key. */
  step<I extends z.ZodType, O extends z.ZodType>(step: StepDefinition<I, O>, input: z.input<I>): Promise<z.output<O>>
  /** What the first part of this run left for the part behind its wait. */
  result(): Promise<Facts>
}

export interface WorkflowDefinition<I extends z.ZodType = z.ZodType> {
  readonly name: Run['workflow']
  readonly input: I
  /** In order, as planned; what `deliver` does is listed too. */
  readonly steps: readonly StepDefinition[]
  /** Deterministic: everything that reads or changes the world is a step. */
  run(flow: Flow, input: z.output<I>): Promise<Ending>
  /** The part behind a wait or a queue, for workflows that change an environment. */
  deliver?(flow: Flow, input: z.output<I>): Promise<Ending>
  /** Clears up after a waiting run that another one replaced. Safe to repeat; what is cut off here, the slow look finds. */
  replaced?(platform: Platform, run: string): Promise<void>
}

export function defineWorkflow<I extends z.ZodType>(definition: WorkflowDefinition<I>): WorkflowDefinition<I> {
  return definition
}

/** The queue partition of a place: one rollout at a time per service and environment. */
export function partitionOf(place: { service: string; environment: string }): string {
  return `${place.service}/${place.environment}`
}
