import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestControlPlane } from '../../testing/control-plane.ts'

interface Found {
  readonly items: readonly { port: string; product: string; check: string; state: string; found: string }[]
}

test('every embedded adapter is tried for real, a dead one is told, and only the platform and security teams may ask', async (t) => {
  const server = await startTestControlPlane(t)
  const live = async (user: string) => server.ask('/api/v1/doctor/live', { token: await server.tokenOf(user) })

  const { items } = (await (await live('platform')).json()) as Found
  const states = Object.fromEntries(items.map(({ port, state }) => [port, state]))
  // this control plane has no agent beside it
  const ok = ['gitHost', 'ci', 'artifacts', 'policy', 'identity', 'secrets', 'metrics', 'logs', 'traces']
  assert.deepEqual(states, { ...Object.fromEntries(ok.map((port) => [port, 'ok'])), delivery: 'problem' })
  assert.match(items.find(({ port }) => port === 'delivery')?.found ?? '', /^AGENT_UNAVAILABLE/)
  assert.match(items.find(({ port }) => port === 'gitHost')?.found ?? '', /^main of fairway\/platform is [0-9a-f]{12}$/)
  assert.deepEqual(await Promise.all(['dev', 'auditor'].map(async (user) => (await live(user)).status)), [403, 403])
})
