import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { startAgentLab, through } from '../../../testing/agent/agent-lab.ts'
import { serverProgram } from '../../../testing/agent/images.ts'
import { waitUntil } from '../../../testing/wait-until.ts'
import { openDoor } from '../../main/develop/door.ts'
import { manifestsFor } from '../../ports/delivery.contract.ts'
import { lentRoutes } from './lent-routes.ts'

const proof = 'p'.repeat(43)
const shop = { environment: 'dev', service: 'shop' }
const soon = () => AbortSignal.timeout(20_000)

test('a name leads to the process that proved itself, until it is given back', async (t) => {
  const lab = await startAgentLab(t)
  const door = await doorTo(t, 'mine')
  const { lending } = lab.delivery
  assert.ok(lending)

  const lent = await lending.open({ service: 'shop', person: 'dev', port: door.port, proof }, soon())

  const port = await lab.gatewayPort()
  assert.deepEqual(
    [lent.url, lent.ownUrl],
    [`http://shop.me.localhost:${port}`, `http://shop.me-dev.localhost:${port}`],
  )
  const ask = async (environment: string) => (await through(port, { service: 'shop', environment }, '/')).body
  assert.deepEqual([await ask('me'), await ask('me-dev')], ['mine', 'mine'])
  const own = { id: lent.id, service: 'shop', person: 'dev' }
  for (const other of [{ person: 'dev2' }, { service: 'bank' }, { id: 'another' }]) {
    assert.equal(await lending.close({ ...own, ...other }, soon()), false)
    await assert.rejects(lending.renew({ ...own, ...other }, soon()), { code: 'DEV_ROUTE_ENDED' })
  }
  assert.equal((await lending.renew(own, soon())).url, lent.url)
  assert.equal(await lending.close(own, soon()), true)
  assert.equal((await through(port, { service: 'shop', environment: 'me' }, '/')).status, 404)
})

test('no name is lent to a port of the platform, of a workload, of nobody, or of whoever has another proof', async (t) => {
  const lab = await startAgentLab(t)
  const image = await lab.images.put(serverProgram({ version: '1' }))
  await lab.deploy(shop, manifestsFor(shop, { image, version: '1', replicas: 1 }))
  const workload = JSON.parse((await lab.get(shop, '/env')).body) as { PORT: string }
  const theirs = await doorTo(t, 'theirs', 'q'.repeat(43))
  const echoes = await listening(t, (url) => url)
  const gateway = await lab.gatewayPort()
  const { lending } = lab.delivery

  for (const port of [gateway, Number(workload.PORT), theirs.port, echoes, 1_024])
    await assert.rejects(async () => lending?.open({ service: 'shop', person: 'dev', port, proof }, soon()), {
      code: 'DEV_ROUTE_REFUSED',
    })

  assert.equal((await through(gateway, { service: 'shop', environment: 'me' }, '/')).status, 404)
})

test('what is deployed keeps its names, whatever is lent', async (t) => {
  const lab = await startAgentLab(t)
  const image = await lab.images.put(serverProgram({ version: '1' }))
  await lab.deploy(shop, manifestsFor(shop, { image, version: '1', replicas: 1 }))
  const door = await doorTo(t, 'mine')

  await lab.delivery.lending?.open({ service: 'shop', person: 'dev', port: door.port, proof }, soon())

  assert.equal((await lab.get(shop, '/')).body, '1')
  const names = ['staging', 'production', 'me-dev2', 'mee', 'm']
  for (const environment of names)
    assert.equal(
      (await through(await lab.gatewayPort(), { service: 'shop', environment }, '/')).status,
      404,
      environment,
    )
})

test('a person has one name of a service at a time; who was killed may begin again at once', async (t) => {
  const routes = lentRoutes()
  t.after(() => routes.close())
  const wanted = { service: 'shop', person: 'dev', proof }
  const first = await doorTo(t, 'first')
  const second = await doorTo(t, 'second')
  await routes.open({ ...wanted, port: first.port })

  assert.deepEqual(await routes.open({ ...wanted, port: second.port }), { refused: 'running' })
  await first.close()
  assert.ok('id' in (await routes.open({ ...wanted, port: second.port })))

  assert.equal(routes.routeFor('shop', 'me')?.next(new Set())?.port, second.port)
})

test('of two that begin at one moment in place of one that was killed, one has the name', async (t) => {
  let asked = 0
  // the first proves itself once, and never again; everybody else always does
  const routes = lentRoutes({ proves: async ({ port }) => port !== 5_001 || asked++ === 0 })
  t.after(() => routes.close())
  const open = (port: number) => routes.open({ service: 'shop', person: 'dev', proof, port })
  await open(5_001)

  const both = await Promise.all([open(5_002), open(5_003)])

  assert.deepEqual(both.map((one) => ('id' in one ? 'lent' : one.refused)).toSorted(), ['lent', 'running'])
})

test('the short name stays with who had it first; another has only their own until it is free', async (t) => {
  const routes = lentRoutes()
  t.after(() => routes.close())
  const { port } = await doorTo(t, 'one')
  const open = (person: string) => routes.open({ service: 'shop', person, port, proof })
  const mine = await open('dev')

  const theirs = await open('dev2')

  assert.deepEqual('host' in theirs && [theirs.host, theirs.heldBy], ['shop.me-dev2.localhost', 'dev'])
  assert.ok('id' in mine && routes.end({ id: mine.id, service: 'shop', person: 'dev' }))
  assert.equal(routes.routeFor('shop', 'me'), undefined, 'it never changes hands by itself')
  const third = await open('dev3')
  assert.equal('host' in third && third.host, 'shop.me.localhost')
})

test('a name ends when nobody asks again, and when what stood behind it is gone', async (t) => {
  const routes = lentRoutes({ forMs: 200 })
  t.after(() => routes.close())
  const door = await doorTo(t, 'one')
  const first = await routes.open({ service: 'shop', person: 'dev', port: door.port, proof })
  const second = await routes.open({ service: 'bank', person: 'dev', port: door.port, proof })
  assert.ok('id' in first && 'id' in second)
  await door.close()

  assert.deepEqual(await routes.renew({ id: second.id, service: 'bank', person: 'dev' }), { refused: 'ended' })
  assert.equal(routes.routeFor('bank', 'me'), undefined)
  await waitUntil(() => routes.routeFor('shop', 'me') === undefined, { what: 'the time to be over' })
})

test('a lease that was given back while its process was asked is not renewed', async (t) => {
  let answer = (_proven: boolean) => {}
  const asked = () => new Promise<boolean>((resolve) => (answer = resolve))
  let isFirst = true
  const routes = lentRoutes({ proves: () => (isFirst ? Promise.resolve(true) : asked()) })
  t.after(() => routes.close())
  const lent = await routes.open({ service: 'shop', person: 'dev', port: 4_000, proof })
  assert.ok('id' in lent)
  isFirst = false
  const lease = { id: lent.id, service: 'shop', person: 'dev' }

  const renewal = routes.renew(lease)
  assert.equal(routes.end(lease), true)
  answer(true)

  assert.deepEqual(await renewal, { refused: 'ended' })
})

async function doorTo(t: TestContext, body: string, ownProof = proof) {
  const port = await listening(t, () => body)
  const door = await openDoor({ service: 'shop', port, proof: ownProof, isRunning: () => true, onRequest: () => {} })
  let isOpen = true
  const close = async () => {
    if (isOpen) await door.close()
    isOpen = false
  }
  t.after(close)
  return { port: door.port, close }
}

async function listening(t: TestContext, body: (url: string) => string): Promise<number> {
  const server = createServer((request, reply) => reply.end(body(request.url ?? ''))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
