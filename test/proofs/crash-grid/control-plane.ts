import { join } from 'node:path'
import { localDisk } from '#adapters/git-host/local/disk.ts'
import { localRepositories } from '#adapters/git-host/local/repositories.ts'
import { commitTree, updateRef } from '#lib/git/commits.ts'
import { writeTree } from '#lib/git/trees.ts'
import { detectIsolation } from '#lib/isolation.ts'
import { openWorkRoot } from '#lib/work-root.ts'
import { platformRepo } from '#model/names.ts'
import type { AroundStep } from '#workflows/engine/around-step.ts'
import { startPlatform } from '../../../src/main/platform.ts'
import { readStartFile } from '../../../src/main/start-file.ts'
import { startControlPlane } from '../../../src/main/server.ts'
import { lendBase, tinyPlatformFiles } from '../../../testing/tiny-platform.ts'
import { acting, ledger, ledgerFile } from './ledger.ts'
import { dropOrder, type Order, readOrder } from './orders.ts'

// The platform as `npm start` has it, with the tiny golden path, a ledger around its ports, and a death where it is ordered.
const { FAIRWAY_DATA: data = '', FAIRWAY_PORT: port, FAIRWAY_GATEWAY_PORT: gatewayPort } = process.env
process.noDeprecation = true

const around: AroundStep = async (place, work) => {
  const is = (moment: Order['moment']) => {
    const order = readOrder(data)
    return order?.step === place.step && order.moment === moment ? order : undefined
  }
  if (place.part === 'checkpoint') {
    const result = await work()
    if (is('after-checkpoint')) die()
    return result
  }
  if (is('before-effect')) die()
  const timed = is('inside-effect')
  if (timed) {
    dropOrder(data) // the effect may be over sooner, and a repeated one is not meant
    setTimeout(die, timed.delayMs ?? 0)
  }
  const result = await acting.run({ run: place.run, step: place.step }, work)
  if (is('after-effect')) die()
  return result
}

function die(): never {
  dropOrder(data)
  process.kill(process.pid, 'SIGKILL')
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

const platform = await startPlatform({
  dataFolder: data,
  host: '127.0.0.1',
  port: Number(port),
  gatewayPort: Number(gatewayPort),
  log: console.log,
  ...(process.env['FAIRWAY_CONFIG'] && { startFile: await readStartFile() }),
  async startControlPlane(options) {
    await prepare(options.dataFolder)
    return startControlPlane({ ...options, around: { port: ledger(ledgerFile(data)), step: around } })
  },
})
console.log(`ready\n  Sign in once with ${platform.oneTimeLink}`)
process.once('SIGTERM', () => void platform.close().then(() => process.exit(0)))

/** Seeds the platform repository before the product would, and lends it the base of images. */
async function prepare(folder: string): Promise<void> {
  const disk = localDisk(join(folder, 'git'))
  if (await disk.open(platformRepo)) return
  const { path } = await openWorkRoot(folder, await detectIsolation({ place: folder }))
  await lendBase(join(path, 'bases'))
  const repositories = localRepositories(disk, { onArchive: async () => {} })
  await repositories.create({ repo: platformRepo, description: 'Settings', marker: 'seed', teams: [] })
  const repo = await disk.need(platformRepo)
  const tree = await writeTree(repo, tinyPlatformFiles())
  const author = { name: 'fairway', email: 'fairway@fairway.local' }
  const commit = await commitTree(repo, { tree, parents: [], message: 'Begin', author, at: '2026-01-01T00:00:00Z' })
  await updateRef(repo, { ref: 'refs/heads/main', to: commit, from: 'absent' })
}
