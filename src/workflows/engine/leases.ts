import { beat, leaveReplicas, listReplicas, livingReplicas, takeDead } from '#store/replica.ts'
import type { Platform } from '../platform.ts'
import { readReplicaId } from './replica-id.ts'

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

/**
 * At start, with the lock of the data folder held: every other replica of that folder is dead, so its runs go on here at
 * once; those of other folders when their lease ended. A name that says no folder is alone on its database.
 */
export async function takeOverAll(platform: Platform, own: string): Promise<number> {
  await beat(platform.db, own)
  const place = readReplicaId(own)?.place
  const others = (await listReplicas(platform.db)).filter(({ id }) => id !== own)
  const gone = others.filter(({ id }) => place === undefined || readReplicaId(id)?.place === place)
  await leaveReplicas(
    platform.db,
    gone.map(({ id }) => id),
  )
  return platform.engine.recover(await abandoned(platform, own, { seconds: leaseSeconds }))
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
