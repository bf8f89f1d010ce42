import assert from 'node:assert/strict'
import { get } from 'node:http'
import { describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { ApiClient } from '../src/client/client.ts'
import { lastFirst } from '../testing/last-first.ts'
import { labFacts } from '../testing/lab.ts'
import { waitUntil } from '../testing/wait-until.ts'
import { buildImage } from './image/build.ts'
import { nextImage } from './lab/next-image.ts'
import { startPods } from './lab/pods.ts'
import { allSucceed, askForService, notExactlyOnce, podsAreReady, readRun, signedIn } from './lab/story.ts'
import { openWorld, worldMissing } from './lab/world.ts'

describe('Fairway on Kubernetes', { skip: await worldMissing() }, () => {
  test('two replicas from our manifests: one is killed during runs and each run ends once, and so do runs during an upgrade, which no client notices', async (t) => {
    const after = lastFirst(t)
    const registry = { url: (await labFacts('registry')).facts['url'] ?? '' }
    const image = await buildImage(registry)
    const world = await openWorld({ after })
    const pods = await startPods({ after }, world, image)
    const [first = '', second = ''] = await pods.ready()
    const dev = await signedIn(world, await pods.open(first), 'dev')
    const url = await pods.open(second)
    const other = await signedIn(world, url, 'dev')

    const made = new Map<string, string>()
    for (const [index, name] of ['one', 'two', 'three'].entries())
      made.set(name, await askForService(index % 2 === 0 ? dev : other, name))
    await underWay(other, [...made.values()])
    await pods.kill(first)
    await allSucceed(other, [...made.values()])
    const auditor = await signedIn(world, url, 'auditor')
    assert.deepEqual(await notExactlyOnce(world, { dev: other, auditor }, made), [])
    await podsAreReady(world, [...made.keys()])

    await waitUntil(async () => (await pods.ready()).length === 2, { what: 'two replicas', ms: 300_000, everyMs: 500 })
    for (const pod of await pods.ready()) t.diagnostic(`${pod}: ${await pods.memory(pod)} MiB`)

    const before = await pods.ready()
    const old = await signedIn(world, await pods.open(before[0] ?? ''), 'dev')
    const late = new Map<string, string>()
    for (const name of ['four', 'five']) late.set(name, await askForService(old, name))
    await underWay(old, [...late.values()])
    const polled = poll(pods.service)
    const next = await nextImage(registry, image, 'next')
    await pods.upgrade(next)
    const { asked, failures } = await polled.end()
    t.diagnostic(`${asked} requests during the upgrade`)
    assert.deepEqual(failures, [])
    assert.ok(asked > 20)
    const upgraded = await pods.ready()
    assert.deepEqual([upgraded.length, upgraded.filter((pod) => before.includes(pod))], [2, []])

    const newUrl = await pods.open(upgraded[0] ?? '')
    const people = { dev: await signedIn(world, newUrl, 'dev'), auditor: await signedIn(world, newUrl, 'auditor') }
    await allSucceed(people.dev, [...late.values()])
    const all = new Map([...made, ...late])
    assert.deepEqual(await notExactlyOnce(world, people, all), [])
    await podsAreReady(world, [...all.keys()])
  })
})

/** Resolves once a step of one of these runs was done, while none of them has ended. */
async function underWay(api: ApiClient, ids: readonly string[]): Promise<void> {
  const runs = await waitUntil(
    async () => {
      const now = await Promise.all(ids.map((id) => readRun(api, id)))
      return now.some(({ steps }) => steps.some(({ state }) => state === 'succeeded')) ? now : undefined
    },
    { what: 'a run to be under way', ms: 180_000, everyMs: 100 },
  )
  assert.ok(runs.every(({ state }) => state !== 'succeeded' && state !== 'failed'))
}

/** A client that asks for readiness again and again, each time by a new connection. */
function poll(service: string) {
  const failures: string[] = []
  let [asked, isOver] = [0, false]
  const work = (async () => {
    while (!isOver) {
      asked++
      const status = await ask(`${service}/readyz`)
      if (status !== '200') failures.push(status)
      await pause(50)
    }
  })()
  return {
    async end() {
      isOver = true
      await work
      return { asked, failures }
    },
  }
}

function ask(url: string): Promise<string> {
  return new Promise((resolve) => {
    const asking = get(url, { agent: false, timeout: 20_000 }, (reply) => {
      reply.resume()
      resolve(String(reply.statusCode))
    })
    asking.on('timeout', () => asking.destroy(new Error('no answer')))
    asking.on('error', (error) => resolve(error.message))
  })
}
