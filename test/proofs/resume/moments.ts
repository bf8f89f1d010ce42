import fc from 'fast-check'
import { plannedSteps } from '#workflows/all.ts'

/** When the control plane is killed. */
export interface Moment {
  /** A step of create-service, or the request that asks for the run. */
  readonly step: string
  /** As the step runs, or as soon as it has ended. */
  readonly edge: 'running' | 'ended'
  /** How long after that edge was seen. */
  readonly delayMs: number
}

/** Seconds long, so that a kill may land deep inside; every other step ends within a moment. */
const longSteps: Readonly<Record<string, number>> = {
  build: 4_000,
  'watch-rollout': 400,
  'open-change': 300,
  render: 300,
}

/** The same seed gives the same moments. All steps come before any comes again. */
export function drawMoments(seed: number, size: number): Moment[] {
  const names = ['request', ...plannedSteps('create-service').map(({ name }) => name)]
  const rounds = Math.ceil(size / names.length)
  const order = fc.sample(fc.shuffledSubarray(names, { minLength: names.length }), { seed, numRuns: rounds }).flat()
  const edges = fc.sample(
    fc.tuple(fc.constantFrom('running' as const, 'ended' as const), fc.double({ min: 0, max: 1, noNaN: true })),
    {
      seed,
      numRuns: size,
    },
  )
  return edges.map(([edge, share], index) => {
    const step = order[index] ?? 'build'
    const longest = edge === 'running' ? (longSteps[step] ?? 30) : 30
    return { step, edge, delayMs: Math.round(share * longest) }
  })
}
