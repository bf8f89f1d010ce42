/** Where a run stands: at the effect of a step, or at the checkpoint that keeps what came of it. */
export interface StepPlace {
  readonly run: string
  readonly step: string
  readonly part: 'effect' | 'checkpoint'
}

/**
 * Something that stands around each step: it must do the work exactly once and give its result on. The effect lies
 * inside the checkpoint. The product gives none; `crash-grid` gives one that counts effects and ends the process.
 */
export type AroundStep = <T>(place: StepPlace, work: () => Promise<T>) => Promise<T>

export const nothingAround: AroundStep = (_, work) => work()
