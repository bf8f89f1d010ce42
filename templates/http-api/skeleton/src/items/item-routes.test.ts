import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startForTest } from '../testing/start-for-test.ts'
import type { Item } from './item.ts'

function post(url: string, body: string): Promise<Response> {
  return fetch(`${url}/items`, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
}

test('a created item can be read back and is in the list', async (t) => {
  const { url } = await startForTest(t)

  const created = await post(url, '{"name":" tea ","quantity":3}')
  const item = (await created.json()) as Item

  assert.equal(created.status, 201)
  assert.equal(item.name, 'tea')
  assert.equal(created.headers.get('location'), `/items/${item.id}`)
  assert.deepEqual(await (await fetch(`${url}/items/${item.id}`)).json(), item)
  assert.deepEqual(await (await fetch(`${url}/items`)).json(), { items: [item] })
})

test('an item that does not fit is refused with a pointer to each mistake', async (t) => {
  const { url } = await startForTest(t)

  const refused = await post(url, '{"name":"","quantity":-1}')
  const problem = (await refused.json()) as { errors: { pointer: string }[] }

  assert.equal(refused.status, 422)
  assert.equal(refused.headers.get('content-type'), 'application/problem+json')
  assert.deepEqual(
    problem.errors.map(({ pointer }) => pointer),
    ['/name', '/quantity'],
  )
  assert.deepEqual(await (await fetch(`${url}/items`)).json(), { items: [] })
})

test('a body that is not JSON is refused with 400', async (t) => {
  const { url } = await startForTest(t)

  assert.equal((await post(url, '{')).status, 400)
})

test('a body above 64 KiB is refused with 413', async (t) => {
  const { url } = await startForTest(t)

  assert.equal((await post(url, JSON.stringify({ name: 'x'.repeat(70_000) }))).status, 413)
})

test('an unknown item is 404 as a problem document', async (t) => {
  const { url } = await startForTest(t)

  const missing = await fetch(`${url}/items/none`)

  assert.equal(missing.status, 404)
  assert.match(await missing.text(), /There is no item with this id/)
})
