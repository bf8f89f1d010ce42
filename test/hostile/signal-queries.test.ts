import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localLogs } from '#adapters/logs/local/local.ts'
import { localMetrics } from '#adapters/metrics/local/local.ts'
import { localTraces } from '#adapters/traces/local/local.ts'
import { codeOf } from '#errors/platform-error.ts'
import { logsRequest } from '#ports/otlp-samples.ts'
import { listEntities, replaceEntities } from '#store/entity.ts'
import { testDatabase } from '../../testing/database.ts'
import { queryPayloads } from '../../testing/hostile/query-payloads.ts'
import { signalStore } from '../../testing/signal-store.ts'

const mine = { service: 'mine', environment: 'dev' }
const theirs = { service: 'theirs', environment: 'dev' }
const elsewhere = { service: 'mine', environment: 'production' }

test('no text in any filter reaches the signals of another service or environment', async (t) => {
  const { db, write } = await signalStore(t, 'logs')
  for (const scope of [theirs, elsewhere])
    await write(
      scope,
      logsRequest([
        { text: 'their secret {service="mine"}' },
        ...queryPayloads.map((text) => ({ text: `theirs ${text}` })),
      ]),
    )
  await write(mine, logsRequest([{ text: 'mine' }]))
  const logs = localLogs({ db })
  const range = { from: '2020-01-01T00:00:00Z', to: '2040-01-01T00:00:00Z' }
  const found: unknown[] = []
  const collect = async (asking: Promise<unknown>) => {
    const answer = await asking.catch((error: unknown) => assert.equal(codeOf(error), 'INPUT_INVALID', String(error)))
    found.push(answer)
  }
  assert.ok(queryPayloads.length >= 50)
  // a NUL ends at the API (register-routes.ts), for every route
  for (const text of queryPayloads.filter((payload) => !payload.includes('\0'))) {
    for (const filter of [{ contains: text }, { traceId: text }, { after: text }, { before: text }])
      await collect(logs.query(mine, { limit: 100, ...filter }))
    for (const scope of [
      { service: text, environment: 'dev' },
      { service: 'mine', environment: text },
    ]) {
      if (text === 'theirs') continue // that is their name: who may ask for it is judged before
      await collect(logs.query(scope, { limit: 100 }))
      await collect(localTraces({ db }).read(scope, text))
      await collect(localTraces({ db }).list(scope, { range, limit: 10 }))
      await collect(localMetrics({ db }).golden(scope, range, 10))
    }
  }
  assert.doesNotMatch(JSON.stringify(found), /their secret|theirs /)
  assert.match(JSON.stringify(await logs.query(theirs, { limit: 5 })), /theirs/)
})

test('no text in a catalog search is more than text', async (t) => {
  const { db } = await testDatabase(t)
  const entity = (name: string) => ({
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name, namespace: 'default', annotations: {}, labels: {}, tags: [], links: [] },
    spec: { owner: 'team-a' },
    relations: [],
  })
  await replaceEntities(db, 'team-a/one', [{ entity: entity('one') }])
  await replaceEntities(db, 'team-a/two', [{ entity: entity('two') }])

  for (const text of queryPayloads.filter((payload) => !payload.includes('\0')))
    for (const filter of [{ q: text }, { owner: text }, { kind: text }]) {
      const { items } = await listEntities(db, { limit: 10, ...filter })
      assert.deepEqual(items, [], JSON.stringify(filter))
    }
  assert.equal((await listEntities(db, { limit: 10 })).total, 2)
})
