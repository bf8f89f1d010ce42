import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import type { SecretPlace, Secrets } from './secrets.ts'

export interface SecretsUnderTest {
  readonly secrets: Secrets
  /** Everything the store keeps, as bytes, as somebody who steals it would have it. */
  stolen(): Promise<Buffer>
}

/** What every store of secrets promises. `make` gives one of its own for each test. */
export function describeSecrets(product: string, make: (t: TestContext) => Promise<SecretsUnderTest>): void {
  const promise = (what: string, check: (world: SecretsUnderTest) => Promise<void>) =>
    void test(`${product}: ${what}`, async (t) => check(await make(t)))
  const signal = () => AbortSignal.timeout(10_000)
  const place: SecretPlace = { owner: 'team-a', service: 'shop', environment: 'dev' }
  const secret = { place, name: 'db.password', value: 'first value', by: 'dev' }

  promise('a place without secrets has none', async ({ secrets }) => {
    assert.deepEqual(await secrets.list(place, signal()), [])
  })

  promise('a value that was set is listed with version, setter and time, without the value', async ({ secrets }) => {
    const made = await secrets.set(secret, signal())

    const listed = await secrets.list(place, signal())

    assert.deepEqual(listed, [made])
    assert.deepEqual([made.name, made.version, made.setBy], ['db.password', 1, 'dev'])
    assert.ok(!JSON.stringify(listed).includes(secret.value))
  })

  promise('the next value gets the next version, also of ten that come at once', async ({ secrets }) => {
    const all = await Promise.all(Array.from({ length: 10 }, () => secrets.set(secret, signal())))

    const versions = all.map(({ version }) => version).toSorted((a, b) => a - b)
    assert.deepEqual(versions, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    assert.deepEqual(
      (await secrets.list(place, signal())).map(({ version }) => version),
      [10],
    )
  })

  promise('another team, service or environment has nothing of it', async ({ secrets }) => {
    await secrets.set(secret, signal())

    for (const other of [{ owner: 'team-b' }, { service: 'shop-two' }, { environment: 'production' }])
      assert.deepEqual(await secrets.list({ ...place, ...other }, signal()), [])
  })

  promise('what is lent is the newest value of the names asked for, of that place alone', async ({ secrets }) => {
    if (!secrets.lend) return
    await secrets.set({ ...secret, value: 'the older value' }, signal())
    await secrets.set(secret, signal())
    await secrets.set({ ...secret, name: 'tls.key', value: 'not asked for' }, signal())

    const lent = await secrets.lend(place, ['db.password', 'never.set'], signal())

    assert.deepEqual([...lent], [['db.password', secret.value]])
    for (const other of [{ owner: 'team-b' }, { service: 'shop-two' }, { environment: 'production' }])
      assert.equal((await secrets.lend({ ...place, ...other }, ['db.password'], signal())).size, 0)
    await secrets.remove(secret, signal())
    assert.equal((await secrets.lend(place, ['db.password'], signal())).size, 0)
  })

  promise('a removed secret is gone, and its next value gets a version never used', async ({ secrets }) => {
    await secrets.set(secret, signal())

    assert.equal(await secrets.remove(secret, signal()), true)

    assert.deepEqual(await secrets.list(place, signal()), [])
    assert.equal(await secrets.remove(secret, signal()), false)
    assert.ok((await secrets.set(secret, signal())).version > 1)
  })

  promise('who steals what it keeps finds no value', async ({ secrets, stolen }) => {
    const value = randomBytes(24).toString('hex')
    await secrets.set({ ...secret, value }, signal())

    const kept = await stolen()

    assert.ok(kept.length > 0)
    const encodings = [value, ...(['base64', 'hex'] as const).map((encoding) => Buffer.from(value).toString(encoding))]
    for (const text of encodings) assert.ok(!kept.includes(text))
  })
}
