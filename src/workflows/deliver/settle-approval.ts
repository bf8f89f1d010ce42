import { z } from 'zod'
import { contributionOf } from './contributors.ts'
import { deploymentsIn } from './history.ts'
import { DeliveryPlace } from './place.ts'
import { defineStep } from '../engine/step.ts'
import { environmentOf } from '../settings.ts'

/** Settles whether a pushed release needs an approval in its environment, and who contributed to it and may not give it. */
export const settleApprovalStep = defineStep({
  name: 'settle-approval',
  title: 'Settle approval',
  input: DeliveryPlace.extend({ commit: z.string() }),
  output: z.object({ needsApproval: z.boolean(), contributors: z.array(z.string()) }),
  retry: { attempts: 3, waitMs: 300 },
  describe: ({ environment }) => `Whether ${environment} asks for an approval, and of whom`,
  effect: ({ needsApproval, contributors }, { environment }) =>
    needsApproval
      ? `${environment} asks for an approval by somebody other than ${contributors.join(', ')}`
      : `${environment} asks for no approval`,
  async run({ platform, actor }, { commit, ...place }) {
    const { spec } = environmentOf(await platform.settings(), place.environment)
    const [now] = await deploymentsIn(platform, place, 1)
    const between = { place, from: now?.sourceCommit, to: commit, requestedBy: actor }
    const { contributors } = await contributionOf(platform, between)
    return { needsApproval: spec.approval !== 'none', contributors: [...contributors] }
  },
})
