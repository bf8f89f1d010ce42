import { z } from 'zod'
import type { Run } from '#model/run.ts'
import { deliveryRepo } from '#model/names.ts'
import { findRun, listRuns, patchRun } from '#store/run.ts'
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
    const own = await findRun(platform.db, run)
    const older = (await listRuns(platform.db, { ...place, states: ['waiting', 'superseded'] })).filter(
      // Those that this run replaced in an attempt that was cut off are closed now. What was asked for later stays.
      (other) => (other.state === 'waiting' && own && isNewer(own, other)) || other.result?.['supersededBy'] === run,
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

function isNewer(one: Run, other: Run): boolean {
  return one.startedAt === other.startedAt ? one.id > other.id : one.startedAt > other.startedAt
}
