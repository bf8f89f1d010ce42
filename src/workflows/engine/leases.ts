import { beat, livingReplicas, takeDead } from '#store/replica.ts'
import type { Platform } from '../platform.ts'

const leaseSeconds = 10

/** Renews this replica's lease each second and takes over the runs of replicas whose lease ended. Returns the stop. */
export function keepLease(platform: Platform, own: string): () => Promise<void> {
  let stopped = false
  let turn = Promise.resolve()
  let beats = 0
  const timer = setInterval(() => {
    turn = turn
      .then(async () => {
        if (stopped) return
        // Who was silent for so long that others took over must not go on with what they carry now.
        if (!(await beat(platform.db, own))) await platform.engine.letGo()
        const dead = await takeDead(platform.db, own, { seconds: leaseSeconds })
        if (dead.length === 0 && beats++ % leaseSeconds !== 0) return
        const taken = await platform.engine.recover(await abandoned(platform, own, { seconds: leaseSeconds }))
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
  await takeDead(platform.db, own, { seconds: 0, alone: true })
  return platform.engine.recover(await abandoned(platform, own, { seconds: 0 }))
}

/**
 * Executors that carry runs and hold no lease. Asked of what is being carried, not of the leases that ended: a replica
 * that died between removing a lease and taking over what stood behind it leaves nothing behind.
 */
async function abandoned(platform: Platform, own: string, lease: { seconds: number }): Promise<readonly string[]> {
  const others = (await platform.engine.executors()).filter((id) => id !== own)
  const living = await livingReplicas(platform.db, others, lease)
  return others.filter((id) => !living.includes(id))
}
