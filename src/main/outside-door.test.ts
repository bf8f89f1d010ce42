import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { freePort } from '#lib/free-port.ts'
import { startTestControlPlane } from '../../testing/control-plane.ts'
import { outsideAddress } from './outside-door.ts'

test('other machines get probes and hooks, whatever name they use; page, API, Git and other spellings lead nowhere', async (t) => {
  const port = await freePort()
  const plane = await startTestControlPlane(t, { outside: { host: '127.0.0.1', port } })
  const ask = (method: string, path: string) => statusOf({ port, method, path })

  for (const path of ['/healthz', '/readyz']) assert.equal(await ask('GET', path), 200, path)
  const closed = ['/', '/login', '/api/v1/sign-in', '/api/openapi.json', '/git/fairway/platform.git/info/refs']
  const spellings = ['/readyz/../api/v1/sign-in', '/readyz?x', '//readyz', '/hooks/../api/v1/sign-in', '/hooks/gitea']
  for (const path of [...closed, ...spellings]) assert.equal(await ask('GET', path), 404, path)
  assert.equal(await ask('POST', '/api/v1/sessions'), 404)
  assert.equal(await ask('POST', '/hooks/nobody'), 404)
  assert.equal(
    await statusOf({ port: plane.port, method: 'GET', path: '/readyz' }),
    403,
    'inside, a foreign name stays refused',
  )
})

test('an address that is none stops the start with the variable’s name', () => {
  assert.deepEqual(outsideAddress({ FAIRWAY_OUTSIDE: '0.0.0.0:7008' }), { host: '0.0.0.0', port: 7008 })
  assert.deepEqual(outsideAddress({ FAIRWAY_OUTSIDE: '[::]:7008' }), { host: '::', port: 7008 })
  assert.equal(outsideAddress({}), undefined)
  for (const wrong of ['7008', '0.0.0.0', '0.0.0.0:0', '0.0.0.0:70000', 'http://0.0.0.0:7008'])
    assert.throws(() => outsideAddress({ FAIRWAY_OUTSIDE: wrong }), { code: 'SETTINGS_INVALID' }, wrong)
})

function statusOf({ port, method, path }: { port: number; method: string; path: string }): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'fairway.fairway.svc' }
    const asking = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (reply) => {
      reply.resume()
      resolve(reply.statusCode ?? 0)
    })
    asking.on('error', reject)
    asking.end()
  })
}
