import fc from 'fast-check'
import { workflows } from '#workflows/all.ts'

export const killedWorkflows = ['create-service', 'release', 'promote', 'rollback'] as const
export type KilledWorkflow = (typeof killedWorkflows)[number]

/** The three moments at which every step is cut off, and the one that is only as exact as a clock. */
export const moments = ['before-effect', 'after-effect', 'after-checkpoint'] as const
export type Moment = (typeof moments)[number] | 'inside-effect'

/** Where the control plane is killed. */
export interface Point {
  readonly workflow: KilledWorkflow
  readonly step: string
  readonly moment: Moment
  /** Only inside an effect: how long after it began. */
  readonly delayMs?: number
}

/** Three points for each step that the workflows declare. */
export function allPoints(): Point[] {
  return killedWorkflows.flatMap((workflow) =>
    stepsOf(workflow).flatMap((step) => moments.map((moment) => ({ workflow, step, moment }))),
  )
}

/**
 * The same seed gives the same points: a choice without repetition, of all workflows alike, while there are enough; beyond
 * that the rest are moments inside effects, as the clock has it.
 */
export function drawPoints(seed: number, size: number): Point[] {
  const points = allPoints()
  const [order = []] = fc.sample(fc.shuffledSubarray(points, { minLength: points.length }), { seed, numRuns: 1 })
  const extra = Math.max(0, size - points.length)
  return [...inTurns(order).slice(0, size), ...(extra > 0 ? fc.sample(inside(), { seed, numRuns: extra }) : [])]
}

export function nameOf({ workflow, step, moment, delayMs }: Point): string {
  return `${workflow} ${step} ${moment}${delayMs === undefined ? '' : ` +${delayMs} ms`}`
}

function stepsOf(name: KilledWorkflow): string[] {
  return workflows.find((workflow) => workflow.name === name)?.steps.map((step) => step.name) ?? []
}

/** One of each workflow after the other, so that a small choice has them all. */
function inTurns(points: readonly Point[]): Point[] {
  const groups = killedWorkflows.map((name) => points.filter(({ workflow }) => workflow === name))
  const longest = Math.max(...groups.map((group) => group.length))
  return Array.from({ length: longest }, (_, turn) => groups.flatMap((group) => group[turn] ?? [])).flat()
}

/** Steps whose effect takes a while; all others end within a moment. */
const longSteps: Readonly<Record<string, number>> = { build: 700, publish: 300, 'watch-rollout': 500 }

function inside(): fc.Arbitrary<Point> {
  const steps = killedWorkflows.flatMap((workflow) => stepsOf(workflow).map((step) => ({ workflow, step })))
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  return fc.tuple(fc.constantFrom(...steps), share).map(([place, part]) => {
    const delayMs = Math.round(part * (longSteps[place.step] ?? 80))
    return { ...place, moment: 'inside-effect' as const, delayMs }
  })
}
