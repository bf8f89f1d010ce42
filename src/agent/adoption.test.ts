import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { isProcessAlive, startMark } from '#lib/process-group.ts'
import { startAgentLab, type AgentLab } from '../../testing/agent/agent-lab.ts'
import { serverProgram } from '../../testing/agent/images.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import { manifestsFor } from '../ports/delivery.contract.ts'

const shop = { environment: 'dev', service: 'shop' }

test('after kill -9 of the agent the same processes run on, and the next agent takes them over', async (t) => {
  const lab = await startAgentLab(t)
  await deployShop(lab, { replicas: 2 })
  const before = await lab.pids(shop)

  await killAgent(lab)
  await lab.startAgain()

  const status = await waitUntil(async () => healthy(await lab.status(shop)), { what: 'shop to be healthy' })
  assert.deepEqual(status.replicas, { ready: 2, desired: 2 })
  assert.deepEqual(await lab.pids(shop), before)
  assert.equal(before.length, 2)
  assert.equal((await lab.get(shop, '/')).body, '1.0.0')
  assert.equal((await running(lab)).length, 2)
})

test('a process whose pid the agent could not write down any more is found, not started twice', async (t) => {
  const lab = await startAgentLab(t)
  await deployShop(lab)
  const before = await lab.pids(shop)
  await killAgent(lab)
  const folder = join(lab.data, 'agent/workloads/dev/shop')
  const file = join(folder, (await readdir(folder)).find((name) => name !== 'live.json') ?? '')
  const { process: _lost, ...intent } = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify(intent))

  await lab.startAgain()

  await waitUntil(async () => healthy(await lab.status(shop)), { what: 'shop to be healthy' })
  const [resource] = await lab.delivery.resources(shop, AbortSignal.timeout(5_000))
  assert.equal(resource?.instances.length, 1)
  assert.equal(resource?.instances[0]?.restarts, 0)
  assert.equal((await running(lab)).length, 1)
  assert.ok(isAlive(before[0]))
})

test('what died while no agent ran is started again, also while Git cannot be asked', async (t) => {
  const lab = await startAgentLab(t)
  await deployShop(lab)
  const [before] = await lab.pids(shop)
  await killAgent(lab)
  await lab.cutSource()
  process.kill(-(before ?? 0), 'SIGKILL')

  await lab.startAgain()

  const status = await waitUntil(
    async () => {
      const now = await lab.status(shop)
      return now.health === 'healthy' && now.sync === 'unknown' ? now : undefined
    },
    { what: 'shop to run again' },
  )
  assert.match(status.reason ?? '', /cannot be asked/)
  assert.notDeepEqual(await lab.pids(shop), [before])
  assert.equal((await lab.get(shop, '/')).status, 200)
})

test('what Git gave up while no agent ran is stopped by the next one', async (t) => {
  const lab = await startAgentLab(t)
  await deployShop(lab)
  const [pid] = await lab.pids(shop)
  await killAgent(lab)
  await lab.publish(shop, undefined)

  await lab.startAgain()

  await waitUntil(async () => (await lab.status(shop)).sync === 'absent', { what: 'shop to be gone' })
  assert.equal(isAlive(pid), false)
})

test('an adopted process that crashes is started again', async (t) => {
  const lab = await startAgentLab(t)
  await deployShop(lab)
  await killAgent(lab)
  await lab.startAgain()
  await waitUntil(async () => healthy(await lab.status(shop)), { what: 'shop to be healthy' })

  await lab.get(shop, '/crash').catch(() => {})

  await waitUntil(
    async () => {
      const [resource] = await lab.delivery.resources(shop, AbortSignal.timeout(5_000))
      const [instance] = resource?.instances ?? []
      return instance?.restarts === 1 && instance.state === 'ready'
    },
    { what: 'the second start' },
  )
})

test('a rollout that was cut off by kill -9 goes on with the process it had started', async (t) => {
  const lab = await startAgentLab(t)
  await deployShop(lab)
  const stuck = await lab.images.put(serverProgram({ version: '2.0.0', ready: 503 }))
  await lab.publish(shop, manifestsFor(shop, { image: stuck, version: '2.0.0', replicas: 1, deadlineSeconds: 600 }))
  await lab.delivery.refresh('dev', AbortSignal.timeout(10_000))
  const before = await waitUntil(async () => two(await lab.pids(shop)), { what: 'both versions to run' })
  await killAgent(lab)

  await lab.startAgain()

  await waitUntil(async () => (await lab.status(shop)).health === 'progressing', { what: 'the rollout to go on' })
  assert.deepEqual(await lab.pids(shop), before)
  assert.equal((await running(lab)).length, 2)
  assert.equal((await lab.get(shop, '/')).body, '1.0.0')
})

test('a workload without a sandbox leaves no process behind, not even one that left its group', async (t) => {
  const lab = await startAgentLab(t, { sandbox: false })
  if (process.getuid?.() !== 0) return t.skip('needs root: only then workloads have user ids of their own')
  const stray = `
import { spawn } from 'node:child_process'
spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' }).unref()
`
  const image = await lab.images.put(stray + serverProgram({ version: '1.0.0' }))
  await lab.deploy(shop, manifestsFor(shop, { image, version: '1.0.0', replicas: 1 }))
  await waitUntil(async () => (await running(lab)).length === 2, { what: 'the process that left' })

  await lab.publish(shop, undefined)
  await lab.delivery.refresh('dev', AbortSignal.timeout(10_000))

  await waitUntil(async () => (await running(lab)).length === 0, { what: 'both processes to be gone' })
})

test('SIGTERM stops every workload and leaves no process', async (t) => {
  const lab = await startAgentLab(t)
  await deployShop(lab, { replicas: 2 })
  const pids = await lab.pids(shop)

  lab.agent.kill('SIGTERM')
  const [code] = await once(lab.agent, 'exit')

  assert.equal(code, 0)
  assert.deepEqual(pids.map(isAlive), [false, false])
  assert.deepEqual(await running(lab), [])
})

test('a second agent on the same data folder is refused and touches nothing', async (t) => {
  const lab = await startAgentLab(t)
  await deployShop(lab)
  const before = await lab.pids(shop)

  const code = await lab.startSecond()

  assert.equal(code, 1)
  assert.equal(lab.agent.exitCode, null)
  assert.deepEqual(await lab.pids(shop), before)
  assert.ok(isAlive(before[0]))
})

async function deployShop(lab: AgentLab, { replicas = 1 } = {}) {
  const image = await lab.images.put(serverProgram({ version: '1.0.0' }))
  await lab.deploy(shop, manifestsFor(shop, { image, version: '1.0.0', replicas }))
}

async function killAgent(lab: AgentLab): Promise<void> {
  lab.agent.kill('SIGKILL')
  await once(lab.agent, 'exit')
}

function two(pids: number[]): number[] | undefined {
  return pids.length === 2 ? pids : undefined
}

function healthy<T extends { health: string; sync: string }>(status: T): T | undefined {
  return status.health === 'healthy' && status.sync === 'synced' ? status : undefined
}

function isAlive(pid: number | undefined): boolean {
  const started = pid === undefined ? undefined : startMark(pid)
  return pid !== undefined && started !== undefined && isProcessAlive({ pid, started })
}

/** Processes of this lab's workloads themselves, without the programs that confine them. */
async function running(lab: AgentLab): Promise<string[]> {
  const found: string[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '')
    const [program = ''] = (await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).split('\0')
    if (environment.includes(`HOME=${lab.work}/`) && program.endsWith('/node')) found.push(name)
  }
  return found
}
