import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { isGroupAlive, isProcessAlive } from '#lib/process-group.ts'
import { runningOn } from '../../../testing/start-platform.ts'
import { fairway } from '../../../testing/cli.ts'
import { waitUntil } from '../../../testing/wait-until.ts'
import { chapter, shopAnswers, type Story } from './story.ts'

const environments = ['dev', 'staging', 'production']

/** What a platform that is killed, started twice and stopped owes its users. */
export async function survive(t: TestContext, story: Story): Promise<void> {
  const { cli, platform, runtime } = story
  await chapter(
    t,
    'kill -9 of the control plane stops no service, and the next start adopts them as they are',
    async () => {
      const [before, instances] = [await platform.processes(), await runtime.instances()]
      await platform.killControlPlane()

      const duringOutage = await Promise.all(environments.map((environment) => shopAnswers(story, environment)))
      await platform.start()

      assert.deepEqual(
        duringOutage.map(({ status }) => status),
        [200, 200, 200],
      )
      const after = await platform.processes()
      assert.notDeepEqual(after.controlPlane, before.controlPlane)
      assert.deepEqual(
        [after.agent, after.postgres, await runtime.instances()],
        [before.agent, before.postgres, instances],
      )
      await allHealthy(story)
    },
  )

  await chapter(t, 'a second start on the live folder ends with 6 and names process and address', async () => {
    const { controlPlane } = await platform.processes()

    const second = await fairway(platform, ['up', '--no-open'])

    assert.deepEqual([second.exit, second.code], [6, 'ALREADY_RUNNING'])
    assert.match(second.stderr, new RegExp(`process ${controlPlane?.pid} runs Fairway on .* at ${platform.url}`))
  })

  await chapter(t, 'after kill -9 of everything a start brings platform and services back', async () => {
    const before = await runtime.instances()
    await platform.killEverything()

    await platform.start()

    await allHealthy(story)
    assert.equal((await runtime.instances()).length, before.length)
    assert.equal((await cli('history', 'shop', '--env', 'dev')).stdout.trim().split('\n').length, 4)
  })

  await chapter(t, 'down leaves nothing of this data folder running', async () => {
    const { controlPlane, agent, postgres, workloads } = await platform.processes()

    const down = await cli('down', '--json')

    assert.equal(down.exit, 0, down.stderr)
    const all = [controlPlane, agent, postgres, ...workloads].filter((ref) => ref !== undefined)
    assert.equal(all.length, runtime.processes)
    assert.deepEqual(
      all.filter((ref) => isProcessAlive(ref) || isGroupAlive(ref)),
      [],
    )
    assert.deepEqual(await runningOn(platform.data), [])
  })
}

async function allHealthy(story: Story): Promise<void> {
  for (const environment of environments) {
    await waitUntil(async () => (await shopAnswers(story, environment)).status === 200, {
      what: `the shop to answer in ${environment}`,
      ms: 30_000,
    })
  }
  await waitUntil(async () => (await story.cli('status', 'shop')).exit === 0, { what: 'a healthy status', ms: 30_000 })
}
