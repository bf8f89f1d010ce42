import { z } from 'zod'
import { deliveryRepo } from '#model/names.ts'
import { listRuns, patchRun } from '#store/run.ts'
import { defineStep } from '../engine/step.ts'
import { DeliveryPlace, runBranch } from './place.ts'

/** Ends the promotions that wait for the same place: the newer one replaces them. */
export const supersedeStep = defineStep({
  name: 'supersede',
  title: 'Replace waiting promotions',
  input: DeliveryPlace,
  output: z.object({ superseded: z.array(z.string()) }),
  external: true,
  describe: ({ environment }) => `Promotions that wait for ${environment} are replaced`,
  effect: ({ superseded }) =>
    superseded.length === 0 ? 'No other promotion was waiting' : `Replaced ${superseded.join(', ')}`,
  async run({ platform, run }, { service, environment }) {
    const waiting = await listRuns(platform.db, { service, environment, state: 'waiting', limit: 20 })
    const older = waiting.filter((other) => other.id !== run)
    for (const other of older) {
      const change = await platform.ports.gitHost.changes.findByHead(deliveryRepo, runBranch(other.id))
      if (change) await platform.ports.gitHost.changes.close(deliveryRepo, change.number, `replaced by run ${run}`)
      await patchRun(platform.db, other.id, {
        state: 'superseded',
        finished: true,
        waitingFor: null,
        result: { supersededBy: run },
      })
      await platform.events.publish('run', other.id)
    }
    return { superseded: older.map((other) => other.id) }
  },
})
