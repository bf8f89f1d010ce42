import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { sql } from 'kysely'
import { describeSecrets } from '#ports/secrets.contract.ts'
import { testDatabase } from '../../../../testing/database.ts'
import { localSecrets } from './local.ts'

const place = { owner: 'team-a', service: 'shop', environment: 'dev' }
const secret = { place, name: 'db.password', value: 'correct horse', by: 'dev' }
const newKey = () => randomBytes(32).toString('base64url')
const signal = () => AbortSignal.timeout(10_000)

describeSecrets('local', async (t) => {
  const { secrets, db } = await vault(t)
  return {
    secrets,
    async stolen() {
      const { rows } = await sql<{ row: string }>`select s::text as row from vault.secret s`.execute(db)
      const boxes = await db.selectFrom('vault.secret').select(['nonce', 'box']).execute()
      const bytes = boxes.flatMap(({ nonce, box }) => [nonce, box].filter((one) => one !== null))
      return Buffer.concat([...bytes, ...rows.map(({ row }) => Buffer.from(row))])
    },
  }
})

test('a database without its key gives no value, and says so', async (t) => {
  const { secrets, db, pool } = await vault(t)
  await secrets.set(secret, signal())

  const thief = localSecrets({ db, pool, keys: newKey() })

  await assert.rejects(thief.values(place), { code: 'SECRETS_UNREADABLE' })
})

test('a sealed value that is moved to another service, or changed by one bit, does not open', async (t) => {
  const { secrets, db } = await vault(t)
  await secrets.set(secret, signal())
  const other = { ...place, service: 'evil' }
  await secrets.set({ ...secret, place: other }, signal())

  const stolen = await db.selectFrom('vault.secret').selectAll().where('service', '=', 'shop').executeTakeFirstOrThrow()
  await db
    .updateTable('vault.secret')
    .set({ nonce: stolen.nonce, box: stolen.box })
    .where('service', '=', 'evil')
    .execute()
  await assert.rejects(secrets.values(other), { code: 'SECRETS_UNREADABLE' })

  const bent = Buffer.from(stolen.box ?? '')
  bent[0] = (bent[0] ?? 0) ^ 1
  await db.updateTable('vault.secret').set({ box: bent }).where('service', '=', 'shop').execute()
  await assert.rejects(secrets.values(place), { code: 'SECRETS_UNREADABLE' })
})

test('two secrets of the same value look nothing alike', async (t) => {
  const { secrets, db } = await vault(t)
  await secrets.set(secret, signal())
  await secrets.set(secret, signal())

  const rows = await db.selectFrom('vault.secret').selectAll().execute()

  assert.notDeepEqual(rows[0]?.box, rows[1]?.box)
  assert.notDeepEqual(rows[0]?.nonce, rows[1]?.nonce)
})

test('a new key takes over all values, and the old one may go', async (t) => {
  const { secrets, db, pool, key } = await vault(t)
  await secrets.set(secret, signal())
  await secrets.set({ ...secret, value: 'second' }, signal())
  const fresh = newKey()

  assert.equal(await localSecrets({ db, pool, keys: `${fresh}\n${key}\n` }).reseal(), 2)

  const after = localSecrets({ db, pool, keys: fresh })
  assert.deepEqual(
    (await after.values(place)).map(({ value, version }) => [value, version]),
    [['second', 2]],
  )
})

test('a vault that does not answer is said within the limit, and nothing is kept', async (t) => {
  const { db, pool, key } = await vault(t)
  const secrets = localSecrets({ db, pool, keys: key, timeoutMs: 300 })
  const holder = await pool.connect()
  await holder.query('begin; lock table vault.secret in access exclusive mode')

  try {
    await assert.rejects(secrets.set(secret, signal()), { code: 'SECRETS_UNAVAILABLE' })
    await assert.rejects(secrets.list(place, signal()), { code: 'SECRETS_UNAVAILABLE' })
  } finally {
    await holder.query('rollback')
    holder.release()
  }
  assert.deepEqual(await secrets.list(place, signal()), [])
})

async function vault(t: TestContext) {
  const { db, pool } = await testDatabase(t)
  const key = newKey()
  return { db, pool, key, secrets: localSecrets({ db, pool, keys: key }) }
}
