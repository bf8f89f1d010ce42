import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { describeDelivery } from '../../../ports/delivery.contract.ts'
import { startAgentLab } from '../../../../testing/agent/agent-lab.ts'
import { serverProgram } from '../../../../testing/agent/images.ts'
import { localDelivery } from './local.ts'

describeDelivery('local', async (t) => {
  const lab = await startAgentLab(t)
  return {
    delivery: lab.delivery,
    environment: 'dev',
    publish: lab.publish,
    cutSource: lab.cutSource,
    tamper: () => lab.editFiles(),
    imageFor: ({ version, kind }) => lab.images.put(serverProgram({ version, ready: kind === 'healthy' ? 200 : 503 })),
  }
})

test('without an agent everything is unknown, and the reason says so', async (t) => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'fairway-no-agent-'))
  t.after(() => rm(dataFolder, { recursive: true, force: true }))
  const delivery = localDelivery({ dataFolder })
  const place = { environment: 'dev', service: 'shop' }

  const status = await delivery.status(place, AbortSignal.timeout(5_000))

  assert.deepEqual([status.sync, status.health], ['unknown', 'unknown'])
  assert.match(status.reason ?? '', /AGENT_UNAVAILABLE/)
  await assert.rejects(delivery.resources(place, AbortSignal.timeout(5_000)), { code: 'AGENT_UNAVAILABLE' })
})

test('a name that is none never becomes an address', async () => {
  const delivery = localDelivery({ dataFolder: '/nonexistent' })

  await assert.rejects(delivery.status({ environment: '..', service: 'shop' }, AbortSignal.timeout(1_000)), {
    code: 'NAME_INVALID',
  })
})
