import type { z } from 'zod'
import type { Run } from '#model/run.ts'
import type { Hold } from '#store/run-execution.ts'
import type { Platform } from '../platform.ts'

export type Facts = Record<string, unknown>
export type Log = (text: string, level?: 'info' | 'warn' | 'error') => void

/** What a step may use. `key` is `run:step`: the idempotency key of the step's one external effect, the same in every attempt. */
export interface StepContext {
  readonly run: string
  readonly key: string
  /** Who asked for the run. */
  readonly actor: string
  readonly platform: Platform
  readonly log: Log
  readonly signal: AbortSignal
  /** Shown with every record, so that only whoever carries the run writes. */
  readonly hold: Hold
}

export interface Undone {
  readonly undone: boolean
  /** What goes or is gone, or why it stays. */
  readonly reason: string
  /** The delivery commit that brought back what ran before, when its rollout is worth watching. */
  readonly restored?: string
}

/** What looking at an effect needs. `original` is the run that is undone: its marker decides what may go. */
export interface UndoLook {
  readonly original: Run
  /** The run that undoes; in a preview the one that would. */
  readonly run: string
  readonly platform: Platform
}

/** How an effect is taken back. It goes by what the run left in the world, not by what its step recorded: a step that was cut off may have had its effect. */
export interface StepUndo {
  /** What would become of the effect. Changes nothing. */
  look(context: UndoLook): Promise<Undone>
  /** Takes it back, when `look` said that it goes. Safe to repeat; what changed at that very moment stays and is said. */
  act(context: UndoLook & StepContext): Promise<Undone>
}

export interface StepDefinition<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  /** Stored with every run: renaming it strands runs in flight. */
  readonly name: string
  readonly title: string
  readonly input: I
  /** May only gain optional fields, so that undo and retry of an old run work with new code. */
  readonly output: O
  readonly retry?: { readonly attempts: number; readonly waitMs: number }
  /** Seconds one attempt may take. */
  readonly seconds?: number
  /** Whether the step changes something outside our database; such a step leaves an intent and an outcome in the audit log. */
  readonly external?: boolean
  /** The sentence of its effect, before it happened, for dry runs. */
  readonly describe: (input: z.output<I>) => string
  run(context: StepContext, input: z.output<I>): Promise<z.output<O>>
  /** What exists now because of it; falls back to `describe`. */
  readonly effect?: (output: z.output<O>, input: z.output<I>) => string
  /** Removes only what carries the run's marker and is unchanged since. Every step with `external` says how, or why it stays. */
  readonly undo?: StepUndo
}

/** The undo of what is never taken back. */
export function stays(reason: string): StepUndo {
  const kept = async () => ({ undone: false, reason })
  return { look: kept, act: kept }
}

/** Gives a step its types. */
export function defineStep<I extends z.ZodType, O extends z.ZodType>(
  definition: StepDefinition<I, O>,
): StepDefinition<I, O> {
  return definition
}
