import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { waitUntil } from '../../../testing/wait-until.ts'
import { apiClient } from '../../client/client.ts'
import { keepRoute } from './keep-route.ts'

const mine = { id: 'lease-of-dev-1', url: 'http://shop.me.localhost:7080', ownUrl: 'http://shop.me-dev.localhost:7080' }
const second = { ...mine, id: 'lease-of-dev-2', url: mine.ownUrl, heldBy: 'dev2' }

test('who lost the short name to somebody else is told so, and where the process answers now', async (t) => {
  const { baseUrl, renewed } = await serverThatForgets(t, second)
  const notes: string[] = []
  const kept = await keepRoute(apiClient({ baseUrl }), { ...wanted(notes), everyMs: 20 })
  t.after(() => kept.end())

  await waitUntil(() => renewed.has(second.id), { what: 'the second lease to be renewed' })

  assert.equal(notes.length, 1, notes.join('\n'))
  assert.match(notes[0] ?? '', /http:\/\/shop\.me\.localhost:7080 is dev2's now.*http:\/\/shop\.me-dev\.localhost:7080/)
})

test('a name that was asked for again and is the same one needs no words', async (t) => {
  const { baseUrl, renewed } = await serverThatForgets(t, { ...mine, id: second.id })
  const notes: string[] = []
  const kept = await keepRoute(apiClient({ baseUrl }), { ...wanted(notes), everyMs: 20 })
  t.after(() => kept.end())

  await waitUntil(() => renewed.has(second.id), { what: 'the second lease to be renewed' })

  assert.deepEqual(notes, [])
})

function wanted(notes: string[]) {
  return { service: 'shop', port: 4_000, proof: 'p'.repeat(43), note: (text: string) => void notes.push(text) }
}

/** A platform that lends `mine` first, knows nothing of it at the next beat, and lends `later` from then on. */
async function serverThatForgets(t: TestContext, later: object) {
  const renewed = new Set<string>()
  let opened = 0
  const server = createServer((request, reply) => {
    const lease = request.url?.split('/').at(-1) ?? ''
    const isEnded = request.method === 'PUT' && lease === mine.id
    if (request.method === 'PUT' && !isEnded) renewed.add(lease)
    const answer = isEnded
      ? { code: 'DEV_ROUTE_ENDED', detail: 'no name is lent' }
      : { ...(request.method === 'POST' && opened++ === 0 ? mine : later), endsIn: 15_000 }
    reply.writeHead(isEnded ? 409 : 200, { 'content-type': 'application/json' })
    request.resume().once('end', () => reply.end(JSON.stringify(answer)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, renewed }
}
