import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { ServiceStatus } from '#model/deployment.ts'
import { waitUntil } from '../../../testing/wait-until.ts'
import { chapter, shopAnswers, type StartedRun, type Story } from './story.ts'

/** From nothing to a service that answers, is visible, and lies in a folder on the developer's machine. */
export async function create(t: TestContext, story: Story): Promise<void> {
  const { api, cli, clone, git } = story
  await chapter(t, 'three people sign in, and whoami says as whom', async () => {
    for (const name of ['dev2', 'platform', 'dev'])
      assert.equal((await cli('login', '--as', name, '--json')).json<{ person: { name: string } }>().person.name, name)

    assert.match((await cli('whoami')).stdout, /^dev \(.*\nteams +team-a\n/)
  })

  await chapter(t, 'one command makes a service that answers at the gateway', async () => {
    const made = await cli('new', '--template', 'http-api', '--name', 'shop', '--owner', 'team-a', '--wait', '--json')

    assert.equal(made.exit, 0, made.stderr)
    const { run, service } = made.json<StartedRun>()
    assert.deepEqual(
      run.steps.filter(({ state }) => state !== 'succeeded'),
      [],
    )
    assert.equal(service?.environments.find(({ name }) => name === 'dev')?.health, 'healthy')
    const { status, body } = await shopAnswers(story, 'dev')
    assert.equal(status, 200)
    assert.deepEqual(
      { ...(JSON.parse(body) as object), version: run.result?.['version'] },
      { greeting: 'Hello from shop', name: 'shop', version: run.result?.['version'], environment: 'dev' },
    )
  })

  await chapter(t, 'status --json keeps to the contract', async () => {
    const { exit, stdout } = await cli('status', 'shop', '--json')

    const status = ServiceStatus.parse(JSON.parse(stdout))
    assert.equal(exit, 0)
    assert.deepEqual([status.service, status.owner], ['shop', 'team-a'])
    assert.deepEqual(
      status.environments.map(({ name, health, sync }) => [name, health, sync]),
      [
        ['dev', 'healthy', 'synced'],
        ['staging', 'absent', 'absent'],
        ['production', 'absent', 'absent'],
      ],
    )
    assert.equal(status.environments[0]?.url, `http://shop.dev.localhost:${story.platform.gatewayPort}`)
  })

  await chapter(t, 'logs, metrics and traces of a request arrive without anybody setting them up', async () => {
    const item = `/items/none-${randomBytes(6).toString('hex')}` // a store that outlives this test has lines of earlier ones
    await shopAnswers(story, 'dev', item)
    const params = { path: { name: 'shop' }, query: { environment: 'dev' } }
    const arrives = { ms: 30_000, everyMs: 200 }

    await waitUntil(async () => (await cli('logs', 'shop', '--env', 'dev')).stdout.includes(item), {
      what: 'the log line of the request',
      ...arrives,
    })
    await waitUntil(
      async () => {
        const { data } = await api.GET('/api/v1/services/{name}/traces', { params })
        return data?.items.some(({ name }) => name.includes('/items'))
      },
      { what: 'the trace of the request', ...arrives },
    )
    await waitUntil(
      async () => {
        const { data } = await api.GET('/api/v1/services/{name}/metrics', { params })
        return data?.series.some(({ points }) => points.some(([, value]) => (value ?? 0) > 0))
      },
      { what: 'a metric above zero', ...arrives },
    )
    assert.match((await cli('metrics', 'shop', '--env', 'dev')).stdout, /^(requests|latency|memory|cpu).*\t\d/m)
  })

  await chapter(t, 'clone gives a working copy that pushes as the person who cloned it', async () => {
    const cloned = await cli('clone', 'shop', clone, '--json')

    assert.equal(cloned.exit, 0, cloned.stderr)
    assert.match(await readFile(join(clone, 'score.yaml'), 'utf8'), /name: "shop"/)
    assert.equal((await git('config', 'user.email')).stdout.trim() !== '', true)
  })
}
