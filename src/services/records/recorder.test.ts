import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import pg from 'pg'
import { openWorkRepository } from '#lib/git/repository.ts'
import { deliveryRepo } from '#model/names.ts'
import { recordsBranch } from '#model/rebuild.ts'
import { pendingRecords, replaceRecords } from '#store/record.ts'
import { outcomesOf, recordOutcome } from '#store/release.ts'
import { findRun, insertRun, patchRun } from '#store/run.ts'
import { findService, releaseService, reserveService } from '#store/service.ts'
import { startLocalGitHost } from '../../../testing/local-git-host.ts'
import { testDatabase } from '../../../testing/database.ts'
import { recorderOf } from './recorder.ts'

const outcome = { service: 'shop', environment: 'dev', commit: 'a'.repeat(40) }
const files = async ({ ports }: Place) => ports.gitHost.files.list(deliveryRepo, recordsBranch, 'v1')
const head = async ({ ports }: Place) => ports.gitHost.files.resolve(deliveryRepo, `refs/heads/${recordsBranch}`)

test('what the platform writes down is in Git at the next turn, all of it in one commit', async (t) => {
  const place = await recordPlace(t)
  await recordOutcome(place.db, { ...outcome, outcome: 'healthy' })
  await reserve(place, 'shop')
  await insertRun(place.db, { id: 'r23456789a', workflow: 'promote', requestedBy: 'dev', input: {}, steps: [] })
  await patchRun(place.db, 'r23456789a', { state: 'waiting' })

  const rows = await recorderOf(place).record()

  assert.equal(rows, 3)
  assert.deepEqual(await files(place), [
    `v1/outcomes/dev/shop/${outcome.commit}.json`,
    'v1/runs/23/r23456789a.json',
    'v1/services/shop.json',
  ])
  const history = await place.ports.gitHost.files.history(deliveryRepo, { ref: recordsBranch, limit: 9 })
  assert.equal(history.length, 1)
})

test('a turn that was cut off behind its push is repeated without another commit', async (t) => {
  const place = await recordPlace(t)
  await reserve(place, 'shop')
  const pending = await pendingRecords(place.db, 9)
  await recorderOf(place).record()
  const first = await head(place)
  for (const { kind, key } of pending) await place.db.insertInto('record_pending').values({ kind, key }).execute()

  await recorderOf(place).record()

  assert.equal(await head(place), first)
  assert.deepEqual(await pendingRecords(place.db, 9), [])
})

test('a run under way is not recorded, a name that is given back is taken out again', async (t) => {
  const place = await recordPlace(t)
  await insertRun(place.db, { id: 'r23456789a', workflow: 'promote', requestedBy: 'dev', input: {}, steps: [] })
  await reserve(place, 'shop')
  await recorderOf(place).record()
  await releaseService(place.db, 'shop', 'r1')

  await recorderOf(place).record()

  assert.deepEqual(await files(place), [])
})

test('what a hand changes in the database is no record, and a rebuild takes it back', async (t) => {
  const place = await recordPlace(t)
  await reserve(place, 'shop')
  await recordOutcome(place.db, { ...outcome, outcome: 'healthy' })
  await recorderOf(place).record()
  await byHand(place.url, `update service set owner = 'team-b'; delete from deployment_outcome`)

  const noted = await recorderOf(place).record()
  await replaceRecords(place.pool, (await recorderOf(place).read()).records)

  assert.equal(noted, 0)
  assert.equal((await findService(place.db, 'shop'))?.owner, 'team-a')
  assert.equal((await outcomesOf(place.db, 'shop')).get(`dev:${outcome.commit}`)?.outcome, 'healthy')
  assert.deepEqual(await pendingRecords(place.db, 9), [])
})

test('a rebuild leaves what is newer than Git: runs under way and rows not recorded yet', async (t) => {
  const place = await recordPlace(t)
  await insertRun(place.db, { id: 'r23456789a', workflow: 'promote', requestedBy: 'dev', input: {}, steps: [] })
  await patchRun(place.db, 'r23456789a', { state: 'failed' })
  await recorderOf(place).record()
  await patchRun(place.db, 'r23456789a', { state: 'running' })
  await reserve(place, 'late')

  await replaceRecords(place.pool, (await recorderOf(place).read()).records)

  assert.equal((await findRun(place.db, 'r23456789a'))?.state, 'running')
  assert.equal((await findService(place.db, 'late'))?.owner, 'team-a')
})

test('a note whose row is gone leaves no file', async (t) => {
  const place = await recordPlace(t)
  await place.db.insertInto('record_pending').values({ kind: 'service', key: 'gone' }).execute()
  await reserve(place, 'shop')
  await recorderOf(place).record()

  const { records, broken } = await recorderOf(place).read()

  assert.deepEqual(
    records.map(({ key }) => key),
    ['shop'],
  )
  assert.deepEqual(broken, [])
})

type Place = Awaited<ReturnType<typeof recordPlace>>

async function recordPlace(t: TestContext) {
  const database = await testDatabase(t)
  const { host, folder } = await startLocalGitHost(t)
  await host.repositories.create({ repo: deliveryRepo, description: 'Delivery', marker: 'seed', teams: [] })
  await host.repositories.protect(deliveryRepo, { pushBy: 'platform', teams: [], closed: [recordsBranch] })
  const objects = join(folder, 'objects.git')
  await openWorkRepository(objects)
  return { ...database, ports: { gitHost: host }, objects }
}

function reserve({ db }: Place, name: string) {
  return reserveService(db, { name, owner: 'team-a', template: 'tiny', templateVersion: '1', answers: {}, run: 'r1' })
}

async function byHand(url: string, statements: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(statements)
  await client.end()
}
