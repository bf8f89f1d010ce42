import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { beat, listReplicas } from '#store/replica.ts'
import { testDatabase } from '../../../testing/database.ts'
import { joinReplicas } from './join-replicas.ts'
import { replicaId } from './replica-id.ts'

const many = (place: string, keys = 'aa') => replicaId({ place, oneMachine: false, keys })
const one = (place: string, keys = 'aa') => replicaId({ place, oneMachine: true, keys })

/** Renews a lease as a living replica does. */
function alive(db: Parameters<typeof beat>[0], id: string): () => void {
  const timer = setInterval(() => void beat(db, id).catch(() => {}), 200)
  return () => clearInterval(timer)
}

test('replicas with products only and the same keys live beside each other', async (t) => {
  const { db } = await testDatabase(t)
  const [first, second] = [many('01'), many('02')]
  await joinReplicas(db, first)
  await joinReplicas(db, second)
  assert.deepEqual((await listReplicas(db)).map(({ id }) => id).toSorted(), [first, second].toSorted())
})

for (const [what, first, second, code] of [
  ['embedded adapters', many('01'), one('02'), 'LOCAL_NEEDS_ONE_REPLICA'],
  ['a neighbour with embedded adapters', one('01'), many('02'), 'LOCAL_NEEDS_ONE_REPLICA'],
  ['other keys', many('01', 'aa'), many('02', 'bb'), 'REPLICA_KEYS_DIFFER'],
] as const)
  test(`${what} refuses the start beside a living replica, and leaves no lease`, async (t) => {
    const { db } = await testDatabase(t)
    await joinReplicas(db, first)
    const end = alive(db, first)
    t.after(end)
    await assert.rejects(joinReplicas(db, second), { code })
    assert.deepEqual(
      (await listReplicas(db)).map(({ id }) => id),
      [first],
    )
  })

test('a replica that died is waited for until its lease ended, and one of the same data folder is not', async (t) => {
  const { db } = await testDatabase(t)
  const died = one('01')
  await beat(db, died)
  await joinReplicas(db, one('01'))
  await sql`update replica set heartbeat_at = now() - interval '9 seconds' where id = ${died}`.execute(db)
  await sql`delete from replica where id <> ${died}`.execute(db)
  const next = one('02')
  await joinReplicas(db, next)
  assert.ok(((await listReplicas(db)).find(({ id }) => id === died)?.silentSeconds ?? 0) >= 10)
})
