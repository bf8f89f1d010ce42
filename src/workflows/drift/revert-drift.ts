import { checkPolicyStep } from '../deliver/check-policy.ts'
import { deliverChange, deliverSteps, HandOver } from '../deliver/deliver.ts'
import { openChangeStep } from '../deliver/open-change.ts'
import { DeliveryPlace } from '../deliver/place.ts'
import { defineWorkflow } from '../engine/workflow.ts'
import { chooseApprovedStep } from './choose-approved.ts'

/** One commit that puts back what was approved last, through the same gates as every deployment. It needs no approval: it had one. */
export const revertDriftWorkflow = defineWorkflow({
  name: 'revert-drift',
  input: DeliveryPlace,
  steps: [chooseApprovedStep, checkPolicyStep, openChangeStep, ...deliverSteps],
  async run(flow, place) {
    const chosen = await flow.step(chooseApprovedStep, place)
    const { verdict } = await flow.step(checkPolicyStep, { ...place, tree: chosen.tree })
    const opened = await flow.step(openChangeStep, {
      ...place,
      tree: chosen.tree,
      title: `Revert ${place.service} in ${place.environment} to what was approved`,
      description: `Commit ${chosen.reverts.slice(0, 12)} came past the platform.`,
      verdict,
    })
    const handOver = {
      ...place,
      number: opened.number,
      version: chosen.version,
      contributors: [flow.actor],
      needsApproval: false,
      reverts: chosen.reverts,
    }
    const result = { version: chosen.version, change: opened.change, handOver }
    return { state: 'delivering', environment: place.environment, result }
  },
  deliver: async (flow) => deliverChange(flow, HandOver.parse((await flow.result())['handOver'])),
})
