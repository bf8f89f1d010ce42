import { setTimeout as pause } from 'node:timers/promises'
import { PlatformError } from '#errors/platform-error.ts'
import type { Database } from '#store/database.ts'
import { beat, leaveReplicas, listReplicas, type ReplicaLease } from '#store/replica.ts'
import { readReplicaId, type ReplicaFacts } from './replica-id.ts'

const leaseSeconds = 10

/**
 * Takes a place among the replicas of the database. Refused beside one that lives when either of them has something that
 * only its machine has, or when their keys differ: LOCAL_NEEDS_ONE_REPLICA, REPLICA_KEYS_DIFFER. One that died a moment
 * ago is waited for, since its lease cannot tell.
 */
export async function joinReplicas(db: Database, own: string): Promise<void> {
  await beat(db, own) // first, so that of two that start together at least one sees the other
  const facts = readReplicaId(own)
  if (!facts) return
  const first = await conflicting(db, own, facts)
  const deadline = performance.now() + (leaseSeconds + 2) * 1000
  for (let left = first; left.length > 0; left = await conflicting(db, own, facts)) {
    const alive = left.find(({ id, beats }) => first.some((before) => before.id === id && before.beats !== beats))
    if (alive || performance.now() > deadline) {
      await leaveReplicas(db, [own])
      throw refusal(facts, (alive ?? left[0]) as ReplicaLease)
    }
    await pause(250)
    await beat(db, own)
  }
}

async function conflicting(db: Database, own: string, facts: ReplicaFacts): Promise<readonly ReplicaLease[]> {
  return (await listReplicas(db)).filter(({ id, silentSeconds }) => {
    const other = readReplicaId(id)
    if (!other || id === own || other.place === facts.place || silentSeconds > leaseSeconds) return false
    return facts.oneMachine || other.oneMachine || other.keys !== facts.keys
  })
}

function refusal(own: ReplicaFacts, { id }: ReplicaLease): PlatformError {
  const other = readReplicaId(id)
  if (!own.oneMachine && !other?.oneMachine)
    return new PlatformError('REPLICA_KEYS_DIFFER', `replica ${id} lives on this database and has other keys`, {
      hint: 'give every replica the same files by FAIRWAY_KEYS; `fairway keys create FOLDER` makes them',
    })
  const whose = own.oneMachine ? 'this one has' : 'that one has'
  const message = `replica ${id} lives on this database, and ${whose} an embedded Git host, artefact store or agent`
  return new PlatformError('LOCAL_NEEDS_ONE_REPLICA', message, {
    hint: 'stop the other one, or name products for gitHost, artifacts and delivery in fairway.yaml',
  })
}
