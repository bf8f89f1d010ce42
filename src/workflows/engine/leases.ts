import { beat, takeDead } from '#store/replica.ts'
import type { Platform } from '../platform.ts'

const leaseSeconds = 10

/** Renews this replica's lease each second and takes over the runs of replicas whose lease ended. Returns the stop. */
export function keepLease(platform: Platform, own: string): () => Promise<void> {
  let stopped = false
  let turn = Promise.resolve()
  const timer = setInterval(() => {
    turn = turn
      .then(async () => {
        if (stopped) return
        await beat(platform.db, own)
        const taken = await platform.engine.recover(await takeDead(platform.db, own, { seconds: leaseSeconds }))
        if (taken > 0) platform.log.info({ taken }, 'took over runs of a dead replica')
      })
      .catch((error: unknown) => platform.log.warn({ err: error }, 'the lease could not be renewed'))
  }, 1_000)
  return async () => {
    stopped = true
    clearInterval(timer)
    await turn
  }
}

/** At start with the instance lock held: every other replica is dead, so its runs go on here at once. */
export async function takeOverAll(platform: Platform, own: string): Promise<number> {
  await beat(platform.db, own)
  return platform.engine.recover(await takeDead(platform.db, own, { seconds: 0, alone: true }))
}
