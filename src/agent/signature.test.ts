import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { imageKey, shortKeyId } from '#lib/supply-chain/image-key.ts'
import { type AgentLab, startAgentLab } from '../../testing/agent/agent-lab.ts'
import { serverProgram } from '../../testing/agent/images.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import { manifestsFor } from '../ports/delivery.contract.ts'

const shop = { environment: 'dev', service: 'shop' }

test('an image that nobody signed, or a stranger, is pushed past the platform and never starts; the status says why', async (t) => {
  const lab = await startAgentLab(t)
  const signed = await lab.images.put(serverProgram({ version: '1.0.0' }))
  await lab.deploy(shop, manifestsFor(shop, { version: '1.0.0', replicas: 1, image: signed }))
  const before = await lab.pids(shop)
  const stranger = imageKey(Buffer.alloc(32, 9).toString('base64url'))
  const program = serverProgram({ version: '2.0.0' })

  const unsigned = await refusal(lab, '2.0.0', await lab.images.put(program, { signedBy: 'nobody' }))
  const foreign = await refusal(lab, '2.0.1', await lab.images.put(`${program}// 2`, { signedBy: stranger }))

  assert.match(unsigned, /team-a\/lab@sha256:\w+ carries no signature/)
  assert.ok(foreign.includes(`is signed by ${shortKeyId(stranger.id)}, which is not trusted here`), foreign)
  assert.equal((await lab.get(shop, '/')).body, '1.0.0')
  assert.deepEqual(await lab.pids(shop), before)
})

test('what died while no agent and no control plane ran starts again, by the keys in the agent’s own file', async (t) => {
  const lab = await startAgentLab(t)
  const image = await lab.images.put(serverProgram({ version: '1.0.0' }))
  await lab.deploy(shop, manifestsFor(shop, { version: '1.0.0', replicas: 1, image }))
  const [pid] = await lab.pids(shop)
  const ended = once(lab.agent, 'exit')
  lab.agent.kill('SIGKILL')
  await ended
  await lab.cutSource()
  process.kill(-(pid ?? 0), 'SIGKILL')

  await lab.startAgain()

  await waitUntil(async () => (await lab.status(shop)).health === 'healthy', { what: 'shop to be healthy' })
  assert.notDeepEqual(await lab.pids(shop), [pid])
})

test('once its key is no longer trusted, a workload that ends is not started again', async (t) => {
  const lab = await startAgentLab(t)
  const image = await lab.images.put(serverProgram({ version: '1.0.0' }))
  await lab.deploy(shop, manifestsFor(shop, { version: '1.0.0', replicas: 1, image }))
  const file = join(lab.data, 'agent-source.json')
  const source = JSON.parse(await readFile(file, 'utf8')) as object
  await writeFile(file, JSON.stringify({ ...source, imageKeys: [] }))
  await lab.delivery.refresh('dev', AbortSignal.timeout(30_000))
  const [pid] = await lab.pids(shop)

  process.kill(-(pid ?? 0), 'SIGKILL')

  const why = await waitUntil(
    async () => {
      const [resource] = await lab.delivery.resources(shop, AbortSignal.timeout(5_000))
      const events = await lab.delivery.events(shop, 50, AbortSignal.timeout(5_000))
      return resource && events.find(({ message }) => message.includes('not trusted here'))?.message
    },
    { what: 'the agent to say why it does not start', ms: 30_000 },
  )
  assert.match(why, /carries|signed by/)
  assert.equal((await lab.status(shop)).health === 'healthy', false)
})

async function refusal(lab: AgentLab, version: string, image: string): Promise<string> {
  const commit = await lab.publish(shop, manifestsFor(shop, { version, replicas: 1, image }))
  await lab.delivery.refresh('dev', AbortSignal.timeout(30_000))
  const { rolloutFailure } = await waitUntil(
    async () => {
      const status = await lab.status(shop)
      return status.rolloutFailure && status.wantedCommit === commit ? status : undefined
    },
    { what: `the refusal of ${version}`, ms: 30_000 },
  )
  return rolloutFailure ?? ''
}
