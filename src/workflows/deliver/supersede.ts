import { z } from 'zod'
import { deliveryRepo } from '#model/names.ts'
import { listRuns, patchRun } from '#store/run.ts'
import { defineStep, stays } from '../engine/step.ts'
import { DeliveryPlace, runBranch } from './place.ts'

/** Ends the promotions that wait for the same place: the newer one replaces them. */
export const supersedeStep = defineStep({
  name: 'supersede',
  title: 'Replace waiting promotions',
  input: DeliveryPlace,
  output: z.object({ superseded: z.array(z.string()) }),
  external: true,
  undo: stays('a promotion that was replaced stays replaced; ask for it again'),
  describe: ({ environment }) => `Promotions that wait for ${environment} are replaced`,
  effect: ({ superseded }) =>
    superseded.length === 0 ? 'No other promotion was waiting' : `Replaced ${superseded.join(', ')}`,
  async run({ platform, run }, { service, environment }) {
    const place = { service, environment, limit: 20 }
    const older = (await listRuns(platform.db, { ...place, states: ['waiting', 'superseded'] })).filter(
      // Those that this run replaced in an attempt that was cut off are closed now.
      (other) => other.id !== run && (other.state === 'waiting' || other.result?.['supersededBy'] === run),
    )
    const superseded: string[] = []
    for (const other of older) {
      const won = await patchRun(platform.db, other.id, {
        state: 'superseded',
        finished: true,
        waitingFor: null,
        result: { supersededBy: run },
        when: ['waiting', 'superseded'],
      })
      if (won === undefined) continue // approved at this very moment: it goes first, and this one after it
      superseded.push(other.id)
      const change = await platform.ports.gitHost.changes.findByHead(deliveryRepo, runBranch(other.id))
      if (change) await platform.ports.gitHost.changes.close(deliveryRepo, change.number, `replaced by run ${run}`)
      await platform.events.publish('run', other.id)
    }
    return { superseded }
  },
})
