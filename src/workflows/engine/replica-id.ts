import { randomBytes } from 'node:crypto'

/** What other replicas must know of one before they share a database with it. It is part of the replica's name. */
export interface ReplicaFacts {
  /** Names its data folder on its machine: two that have the same cannot both be alive. */
  readonly place: string
  /** Whether something that only this machine has stands behind a port. */
  readonly oneMachine: boolean
  /** Fingerprint of the keys that replicas must share. */
  readonly keys: string
}

/** A new name of this process among the replicas. */
export function replicaId({ place, oneMachine, keys }: ReplicaFacts): string {
  return `${oneMachine ? 'one' : 'many'}.${place}.${keys}.${process.pid}-${randomBytes(4).toString('hex')}`
}

/** The facts in a name; undefined for a name of another making. */
export function readReplicaId(id: string): ReplicaFacts | undefined {
  const match = /^(one|many)\.([0-9a-f]+)\.([0-9a-f]+)\./.exec(id)
  return match ? { oneMachine: match[1] === 'one', place: match[2] ?? '', keys: match[3] ?? '' } : undefined
}
