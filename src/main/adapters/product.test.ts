import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { CredentialSource } from '#lib/credential.ts'
import { Adapters, allLocal } from '#model/adapters.ts'
import { acceptAdapters } from './accept-adapters.ts'
import { chooseProduct, product, type Products } from './product.ts'

let loads = 0
const products: Products<{ readonly url: string }> = {
  harbour: async () => {
    loads += 1
    return product({
      options: z.strictObject({ url: z.url(), token: CredentialSource }),
      open: (options) => ({ adapter: { url: options.url } }),
      checkConnection: async () => [{ check: 'read', state: 'ok', found: 'readable' }],
    })
  },
}
const token = { fromEnv: 'HARBOUR_TOKEN' }

test('local loads no product, and a product is loaded once it is chosen', async () => {
  assert.equal(await chooseProduct('gitHost', 'local', products), undefined)
  assert.equal(loads, 0)
  const accepted = await chooseProduct(
    'gitHost',
    { product: 'harbour', url: 'https://git.example.com', token },
    products,
  )
  assert.equal(loads, 1)
  assert.deepEqual((await accepted?.open({} as never))?.adapter, { url: 'https://git.example.com' })
  assert.deepEqual(await accepted?.checkConnection(), [{ check: 'read', state: 'ok', found: 'readable' }])
})

test('an unknown product is SETTINGS_INVALID and the known ones are listed', async () => {
  for (const name of ['harbor', 'constructor', '__proto__'])
    await assert.rejects(chooseProduct('gitHost', { product: name }, products), {
      code: 'SETTINGS_INVALID',
      message: `fairway.yaml: spec.adapters.gitHost: no adapter is called "${name}"`,
      hint: 'known here: local, harbour',
    })
})

test('wrong options of a product name the field and never repeat its value', async () => {
  const choice = { product: 'harbour', url: 'https://git.example.com', token: 'hunter2' }
  await assert.rejects(chooseProduct('gitHost', choice, products), (error: Error) => {
    assert.match(error.message, /^fairway\.yaml: spec\.adapters\.gitHost\.token \(harbour\): .*fromEnv/)
    assert.doesNotMatch(error.message, /hunter2/)
    return true
  })
  await assert.rejects(chooseProduct('gitHost', { product: 'harbour', token, url: 'no url' }, products), {
    code: 'SETTINGS_INVALID',
    message: 'fairway.yaml: spec.adapters.gitHost.url (harbour): Invalid URL',
  })
})

test('with nothing chosen every port has its embedded adapter, and a port without products takes no other', async () => {
  const accepted = await acceptAdapters(allLocal)
  assert.deepEqual(
    Object.values(accepted).filter((one) => one !== undefined),
    [],
  )
  await assert.rejects(acceptAdapters(Adapters.parse({ ci: { product: 'jenkins' } })), {
    code: 'SETTINGS_INVALID',
    message: 'fairway.yaml: spec.adapters.ci: no adapter is called jenkins',
  })
})

test('a port that does not exist and a bare product name are refused', () => {
  for (const adapters of [{ gitHosts: 'local' }, { gitHost: 'gitea' }, { signals: 'loki' }])
    assert.equal(Adapters.safeParse(adapters).success, false, JSON.stringify(adapters))
})
