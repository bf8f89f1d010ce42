import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request as ask } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { startMark, stopGroup } from '#lib/process-group.ts'
import { type AgentLab, startAgentLab } from '../../../testing/agent/agent-lab.ts'
import { serverProgram } from '../../../testing/agent/images.ts'
import { manifestsFor } from '../../ports/delivery.contract.ts'

const shop = { environment: 'dev', service: 'shop' }

test('no request fails while one version takes the place of another, and scaling down loses none either', async (t) => {
  const lab = await startAgentLab(t)
  await deploy(lab, { version: '1', replicas: 2 })
  const load = steadyLoad(await lab.gatewayPort())

  for (const [version, replicas] of [
    ['2', 2],
    ['3', 3],
    ['3', 1],
    ['4', 1],
  ] as const)
    await deploy(lab, { version, replicas })
  const { failures, answers } = await load.stop()

  assert.deepEqual(failures, [])
  assert.deepEqual([...new Set(answers)], ['1', '2', '3', '4'])
  assert.ok(answers.length > 200, `only ${answers.length} requests`)
})

test('requests go to every ready instance in turn', async (t) => {
  const lab = await startAgentLab(t)
  await deploy(lab, { version: '1', replicas: 3 })

  const bodies = await Promise.all(Array.from({ length: 12 }, async () => (await lab.get(shop, '/env')).body))

  const ports = bodies.map((body) => (JSON.parse(body) as { PORT: string }).PORT)
  assert.equal(new Set(ports).size, 3)
})

test('names that are nobody’s and services without a ready instance get a small clear answer', async (t) => {
  const lab = await startAgentLab(t)
  await deploy(lab, { version: '1', replicas: 1 })
  await deploy(lab, { version: '1', replicas: 0 })

  const nobody = await lab.get({ environment: 'dev', service: 'bank' }, '/')
  const none = await lab.get(shop, '/')

  assert.equal(nobody.status, 404)
  assert.equal(none.status, 503)
  assert.equal(JSON.parse(none.body).detail, 'shop has no ready instance in dev now.')
  assert.doesNotMatch(nobody.body, /shop/)
})

test('headers of one hop stay there, and a client cannot say who it is in place of the gateway', async (t) => {
  const lab = await startAgentLab(t)
  await deploy(lab, { version: '1', replicas: 1 })
  const headers = {
    'x-forwarded-for': '6.6.6.6',
    'x-forwarded-proto': 'https',
    connection: 'keep-alive, x-secret-hop',
    'x-secret-hop': 'one hop only',
    te: 'trailers',
    'x-kept': 'yes',
  }

  const seen = JSON.parse((await send(lab, { path: '/headers', headers })).body) as Record<string, string>

  assert.equal(seen['x-forwarded-for'], '127.0.0.1')
  assert.equal(seen['x-forwarded-proto'], 'http')
  assert.equal(seen['host'], `shop.dev.localhost:${await lab.gatewayPort()}`)
  assert.deepEqual([seen['x-secret-hop'], seen['te'], seen['x-kept']], [undefined, undefined, 'yes'])
})

test('bodies stream both ways, whatever their size', async (t) => {
  const lab = await startAgentLab(t)
  await deploy(lab, { version: '1', replicas: 1 })
  const body = Buffer.alloc(20_000_000, 'streams ')

  const reply = await send(lab, { path: '/echo', method: 'POST', body })

  assert.equal(reply.status, 200)
  assert.equal(createHash('sha256').update(reply.body).digest('hex'), createHash('sha256').update(body).digest('hex'))
})

test('a body of unknown length passes too, while it is still being sent', async (t) => {
  const lab = await startAgentLab(t)
  await deploy(lab, { version: '1', replicas: 1 })
  const port = await lab.gatewayPort()

  const asking = ask({
    host: '127.0.0.1',
    port,
    path: '/echo',
    method: 'POST',
    headers: { host: 'shop.dev.localhost' },
  })
  asking.write('first ')
  const [reply] = (await once(asking, 'response')) as [IncomingMessage]
  const [early] = await once(reply, 'data')
  asking.end('second')
  const late = (await reply.toArray()).join('')

  assert.deepEqual([String(early), late], ['first ', 'second'])
})

test('after an instance died no request is lost on it, whether or not the agent has noticed', async (t) => {
  const lab = await startAgentLab(t)
  await deploy(lab, { version: '1', replicas: 2 })
  await Promise.all(Array.from({ length: 8 }, () => lab.get(shop, '/')))
  const [pid] = await lab.pids(shop)

  const ref = { pid: pid ?? 0, started: startMark(pid ?? 0) ?? '' }
  await stopGroup(ref, { graceMs: 0 })
  const answers = await Promise.all(Array.from({ length: 40 }, () => lab.get(shop, '/')))

  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
})

test('a WebSocket is joined through to the instance', async (t) => {
  const lab = await startAgentLab(t)
  const upgrade = `
server.on('upgrade', (request, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: echo\\r\\nConnection: Upgrade\\r\\n\\r\\n')
  socket.on('data', (data) => socket.write('heard ' + data))
})`
  await deploy(lab, { version: '1', replicas: 1, program: serverProgram({ version: '1' }) + upgrade })
  const port = await lab.gatewayPort()

  const asking = ask({
    host: '127.0.0.1',
    port,
    headers: { host: 'shop.dev.localhost', connection: 'upgrade', upgrade: 'echo' },
  })
  asking.end()
  const [, socket] = await once(asking, 'upgrade')
  socket.write('hello')
  const [answer] = await once(socket, 'data')
  socket.destroy()

  assert.equal(String(answer), 'heard hello')
})

test('a service reaches another by the address in its environment, also after the other was replaced', async (t) => {
  const lab = await startAgentLab(t)
  await deploy(lab, { version: '1', replicas: 1 })
  const caller = { environment: 'dev', service: 'caller' }
  const extra = `if (request.url === '/call') { const reply = await fetch(process.env.FAIRWAY_SERVICE_SHOP_URL + '/'); return response.end(await reply.text()) }`
  const program = serverProgram({ version: 'c', extra }).replace(
    '(request, response) =>',
    'async (request, response) =>',
  )
  const env = {
    FAIRWAY_SERVICE_SHOP_URL: 'http://shop.team-a-dev.svc.cluster.local',
    STOCK: 'http://shop.team-a-dev.svc.cluster.local:80/v1',
  }
  await lab.deploy(
    caller,
    manifestsFor(caller, { image: await lab.images.put(program), version: 'c', replicas: 1, env }),
  )

  const before = await lab.get(caller, '/call')
  await deploy(lab, { version: '2', replicas: 1 })
  const after = await lab.get(caller, '/call')

  assert.deepEqual([before.body, after.body], ['1', '2'])
  const { STOCK } = JSON.parse((await lab.get(caller, '/env')).body) as { STOCK: string }
  assert.match(STOCK, /^http:\/\/127\.0\.0\.1:\d+\/v1$/)
})

test('the address by which a workload reaches a service outlives the agent', async (t) => {
  const lab = await startAgentLab(t)
  const caller = { environment: 'dev', service: 'caller' }
  const env = { FAIRWAY_SERVICE_SHOP_URL: 'http://shop.team-a-dev.svc.cluster.local' }
  const image = await lab.images.put(serverProgram({ version: 'c' }))
  await lab.deploy(caller, manifestsFor(caller, { image, version: 'c', replicas: 1, env }))
  const { FAIRWAY_SERVICE_SHOP_URL: url = '' } = JSON.parse((await lab.get(caller, '/env')).body) as Record<
    string,
    string
  >
  lab.agent.kill('SIGKILL')
  await once(lab.agent, 'exit')

  await lab.startAgain()

  const reply = await fetch(url)
  assert.equal(reply.status, 503)
})

test('a taken gateway port is said by its code, before any workload starts', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { startGateway } = await import('./gateway.ts')

  const starting = startGateway((server.address() as AddressInfo).port, {
    forHost: () => undefined,
    forPlace: () => assert.fail(),
  })

  await assert.rejects(starting, { code: 'PORT_TAKEN' })
})

async function deploy(
  lab: AgentLab,
  { version, replicas, program }: { version: string; replicas: number; program?: string },
) {
  const image = await lab.images.put(program ?? serverProgram({ version }))
  await lab.deploy(shop, manifestsFor(shop, { image, version, replicas }))
}

interface Sent {
  readonly path: string
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: Buffer
}

async function send(lab: AgentLab, { path, method = 'GET', headers = {}, body }: Sent) {
  const port = await lab.gatewayPort()
  const host = `shop.dev.localhost:${port}`
  const asking = ask({ host: '127.0.0.1', port, path, method, headers: { ...headers, host } })
  asking.end(body)
  const [reply] = (await once(asking, 'response')) as [IncomingMessage]
  return { status: reply.statusCode, body: (await reply.toArray()).join('') }
}

/** Eight clients that ask without pause: half fast requests, half slow ones, over kept connections. */
function steadyLoad(port: number) {
  const agent = new Agent({ keepAlive: true })
  const failures: string[] = []
  const answers: string[] = []
  let isOn = true
  const once200 = async (path: string) => {
    const asking = ask({ host: '127.0.0.1', port, path, agent, headers: { host: 'shop.dev.localhost' } })
    asking.end()
    const [reply] = (await once(asking, 'response')) as [IncomingMessage]
    const body = (await reply.toArray()).join('')
    if (reply.statusCode === 200) answers.push(body)
    else failures.push(`${reply.statusCode} ${body}`)
  }
  const client = async (path: string) => {
    while (isOn) await once200(path).catch((error: Error) => failures.push(error.message))
  }
  const clients = Array.from({ length: 8 }, (_, index) => client(index % 2 ? '/slow' : '/'))
  return {
    async stop() {
      isOn = false
      await Promise.all(clients)
      agent.destroy()
      return { failures, answers: answers.toSorted() }
    },
  }
}
