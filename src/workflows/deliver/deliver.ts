import { z } from 'zod'
import type { Flow, Ending } from '../engine/workflow.ts'
import { mergeChangeStep } from './merge-change.ts'
import { DeliveryPlace } from './place.ts'
import { watchRolloutStep } from './watch-rollout.ts'

export const deliverSteps = [mergeChangeStep, watchRolloutStep] as const

/** What a run hands over to its delivery: written into the run's result by the first part. */
export const HandOver = DeliveryPlace.extend({
  number: z.int(),
  version: z.string(),
  contributors: z.array(z.string()),
  needsApproval: z.boolean(),
  reverts: z.string().optional(),
})

/** The part of every workflow behind its change request: merge, then watch. */
export async function deliverChange(flow: Flow, handOver: z.infer<typeof HandOver>): Promise<Ending> {
  const { commit } = await flow.step(mergeChangeStep, handOver)
  const place = { service: handOver.service, owner: handOver.owner, environment: handOver.environment }
  const live = await flow.step(watchRolloutStep, { ...place, commit })
  return { state: 'succeeded', result: { deliveryCommit: commit, ...(live.url && { url: live.url }) } }
}
