import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { describe, test } from 'node:test'
import { dataOf } from '../src/client/client.ts'
import { labFacts } from '../testing/lab.ts'
import { type Hooks, lastFirst } from '../testing/last-first.ts'
import { preparePlatform, type TestPlatform } from '../testing/start-platform.ts'
import { waitUntil } from '../testing/wait-until.ts'
import { allSucceed, askForService, notExactlyOnce, podsAreReady, readRun, signedIn } from './lab/story.ts'
import { openWorld, type World, worldMissing } from './lab/world.ts'

describe('two control planes with products', { skip: await worldMissing() }, () => {
  test('one of two that share database, Gitea, registry and Argo CD is killed during runs: each run ends once', async (t) => {
    const after = lastFirst(t)
    const world = await openWorld({ after })
    const [first, second] = await startTwo({ after }, world)
    const [dev, other] = [await signedIn(world, first.url, 'dev'), await signedIn(world, second.url, 'dev')]
    const platform = await signedIn(world, second.url, 'platform')
    const params = { path: { name: world.environment } }
    await dataOf(platform.POST('/api/v1/environments/{name}/bootstrap', { params, body: { dryRun: false } }))

    const made = new Map<string, string>()
    for (const [index, name] of ['one', 'two', 'three', 'four'].entries())
      made.set(name, await askForService(index % 2 === 0 ? dev : other, name))
    await waitUntil(
      async () => {
        const runs = await Promise.all([...made.values()].map((id) => readRun(other, id)))
        return runs.filter(({ steps }) => steps.some(({ state }) => state === 'succeeded')).length >= 2
      },
      { what: 'two runs to be under way', ms: 120_000, everyMs: 50 },
    )
    await first.killControlPlane()

    await allSucceed(other, [...made.values()])
    const auditor = await signedIn(world, second.url, 'auditor')
    assert.deepEqual(await notExactlyOnce(world, { dev: other, auditor }, made), [])
    await podsAreReady(world, [...made.keys()])
  })
})

/** Two processes as one machine has them, behind one address for hooks. */
async function startTwo(t: Hooks, world: World): Promise<readonly [TestPlatform, TestPlatform]> {
  const behind: TestPlatform[] = []
  const hookUrl = await frontOf(t, behind)
  const text = world.settings({
    credential: (name) => world.credentials[name as keyof World['credentials']],
    kubeconfig: (await labFacts('argo-cd')).facts['kubeconfig'] ?? '',
    hookUrl,
  })
  const config = { text, env: async () => ({ FAIRWAY_DATABASE_URL: world.databaseUrl, FAIRWAY_KEYS: world.keys }) }
  const start = async () => {
    const replica = await preparePlatform(undefined, config)
    t.after(() => replica.remove())
    await replica.start()
    behind.push(replica)
    return replica
  }
  return [await start(), await start()]
}

/** One address that leads to whichever of them answers. */
async function frontOf(t: Hooks, behind: readonly TestPlatform[]): Promise<string> {
  let turn = 0
  const server = createServer((client) => {
    const targets = behind.map((_, index) => behind[(index + turn) % behind.length])
    turn++
    const dial = () => {
      const target = targets.shift()
      if (!target) return client.destroy()
      const upstream = connect(target.port, '127.0.0.1')
      upstream.once('error', dial)
      upstream.once('connect', () => {
        upstream.off('error', dial)
        for (const [one, next] of [
          [client, upstream],
          [upstream, client],
        ] as const)
          one.on('error', () => next.destroy()).pipe(next)
      })
      return undefined
    }
    dial()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
