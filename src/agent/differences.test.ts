import assert from 'node:assert/strict'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Differences } from '#ports/delivery.ts'
import { type AgentLab, startAgentLab } from '../../testing/agent/agent-lab.ts'
import { serverProgram } from '../../testing/agent/images.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import { manifestsFor } from '../ports/delivery.contract.ts'

const shop = { environment: 'dev', service: 'shop' }

test('an instance that somebody killed differs, with the signal as its cause, until its successor is ready', async (t) => {
  const lab = await startAgentLab(t)
  await deployShop(lab)
  const heard: Differences[] = []
  const stop = lab.delivery.onChange(() => void differences(lab).then((now) => heard.push(now)))
  t.after(stop)
  const [pid] = await lab.pids(shop)

  process.kill(-(pid ?? 0), 'SIGKILL')

  const seen = await waitUntil(async () => heard.flatMap((one) => ('fields' in one ? one.fields : []))[0], {
    what: 'the difference to be told',
  })
  assert.match(seen.field, /^instance shop-/)
  assert.deepEqual([seen.wanted, seen.live], ['running', 'ended'])
  assert.match(seen.cause ?? '', /SIGKILL|signal 9/)
  await waitUntil(async () => isSame(await differences(lab)), { what: 'the successor to be ready', ms: 30_000 })
})

test('a crash of its own is no difference: its health tells', async (t) => {
  const lab = await startAgentLab(t)
  await deployShop(lab)
  const heard: Differences[] = []
  t.after(lab.delivery.onChange(() => void differences(lab).then((now) => heard.push(now))))

  await lab.get(shop, '/crash').catch(() => {})

  await waitUntil(
    async () => {
      const [resource] = await lab.delivery.resources(shop, AbortSignal.timeout(5_000))
      return resource?.instances[0]?.restarts === 1 && resource.instances[0].state === 'ready'
    },
    { what: 'the restart', ms: 30_000 },
  )
  assert.ok(heard.length > 0 && heard.every((one) => isSame(one)))
})

test('an edited file differs by digest, never by contents; a repair starts from the image’s own', async (t) => {
  const lab = await startAgentLab(t)
  await deployShop(lab)
  const [before] = await lab.pids(shop)

  await lab.editFiles()

  const found = await waitUntil(
    async () => {
      const now = await differences(lab)
      return 'fields' in now && now.fields.length > 0 ? now.fields : undefined
    },
    { what: 'the edited file to be told', ms: 30_000 },
  )
  assert.ok(found.every(({ field }) => field.startsWith('file ')))
  assert.ok(found.every(({ wanted, live }) => wanted?.startsWith('sha256:') && live?.startsWith('sha256:')))
  assert.ok(!JSON.stringify(found).includes('changed by hand'))
  await lab.delivery.repair(shop, AbortSignal.timeout(5_000))
  await waitUntil(async () => isSame(await differences(lab)), { what: 'the repair', ms: 60_000 })
  const [after] = await lab.pids(shop)
  assert.notEqual(after, before)
  assert.equal((await lab.get(shop, '/')).body, '1.0.0')
  assert.deepEqual(await editedFiles(lab), [])
})

test('nothing starts from an edited file: a killed instance comes back from the image’s own', async (t) => {
  const lab = await startAgentLab(t)
  await deployShop(lab)
  const [pid] = await lab.pids(shop)
  await lab.editFiles()

  process.kill(-(pid ?? 0), 'SIGKILL')

  await waitUntil(
    async () => {
      const [now] = await lab.pids(shop)
      return now !== undefined && now !== pid && isSame(await differences(lab)) ? now : undefined
    },
    { what: 'the successor', ms: 30_000 },
  )
  const edited = await editedFiles(lab)
  assert.ok(
    edited.every((path) => path.includes('.old/')),
    edited.join(', '),
  )
})

async function deployShop(lab: AgentLab): Promise<void> {
  const image = await lab.images.put(serverProgram({ version: '1.0.0', ready: 200 }))
  await lab.deploy(shop, manifestsFor(shop, { image, version: '1.0.0', replicas: 1 }))
}

function differences(lab: AgentLab): Promise<Differences> {
  return lab.delivery.differences(shop, AbortSignal.timeout(5_000))
}

function isSame(now: Differences): boolean {
  return now.kind === 'known' && now.fields.length === 0
}

async function editedFiles(lab: AgentLab): Promise<string[]> {
  const edited: string[] = []
  for (const folder of [join(lab.data, 'work'), lab.work])
    for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
      const path = join(folder, name)
      const isFile = await stat(path).then(
        (found) => found.isFile(),
        () => false,
      )
      if (isFile && (await readFile(path, 'utf8').catch(() => '')).includes('changed by hand')) edited.push(path)
    }
  return edited
}
