import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ApiClient, dataOf } from '../../src/client/client.ts'
import { apiAs, callService, fairway, git } from '../../testing/cli.ts'
import { pastThePlatform } from '../../testing/past-the-platform.ts'
import type { TestPlatform } from '../../testing/start-platform.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import type { Made } from './pages.ts'

const shop = { path: { name: 'shop' } }

/** Two teams at work: a service in production, a promotion that waits, a release that failed, a secret, drift, traffic. */
export async function makeScene(platform: TestPlatform): Promise<Made> {
  const [dev, dev2, dev3] = await Promise.all(['dev', 'dev2', 'dev3'].map((user) => apiAs(platform, user)))
  if (!dev || !dev2 || !dev3) throw new Error('nobody signed in')
  const [created] = await Promise.all([make(dev, 'shop', 'team-a'), make(dev3, 'basket', 'team-b')])
  for (let count = 0; count < 20; count += 1) await callService(platform, { service: 'shop', environment: 'dev' })
  await promote(dev, 'staging')
  const first = await promote(dev, 'production')
  await approve(dev2, await openChange(dev))
  await ended(dev, first)
  const clone = await cloneShop(platform)
  const version = await push(platform, clone, {
    file: 'README.md',
    say: 'Say one more thing',
    edit: (text) => `${text}More.\n`,
  })
  await ended(dev, version)
  await promote(dev, 'staging')
  const waiting = await promote(dev, 'production')
  const change = await openChange(dev)
  const failed = await push(platform, clone, {
    file: 'score.yaml',
    say: 'Ask another path whether it is ready',
    edit: (text) => text.replace('path: /readyz', 'path: /ready'),
  })
  await ended(dev, failed)
  await pastThePlatform(platform, { environment: 'staging', replicas: 3 })
  const { items: releases } = await dataOf(dev.GET('/api/v1/services/{name}/releases', { params: shop }))
  const query = { environment: 'dev', minutes: 60 }
  const { items: traces } = await dataOf(dev.GET('/api/v1/services/{name}/traces', { params: { ...shop, query } }))
  return {
    created,
    waiting,
    failed,
    change,
    version: releases.at(-1)?.version ?? '',
    trace: traces[0]?.traceId,
  }
}

async function make(api: ApiClient, name: string, owner: string): Promise<string> {
  const body = { template: 'http-api', name, owner, values: {}, dryRun: false }
  return end(api, await dataOf(api.POST('/api/v1/services', { body })))
}

async function promote(api: ApiClient, to: string): Promise<string> {
  const body = { to, dryRun: false }
  return end(api, await dataOf(api.POST('/api/v1/services/{name}/promotions', { params: shop, body })))
}

async function end(api: ApiClient, started: object): Promise<string> {
  const { id } = (started as { run: { id: string } }).run
  await ended(api, id)
  return id
}

/** Resolves when the run moves no more. */
async function ended(api: ApiClient, id: string): Promise<void> {
  await waitUntil(
    async () => {
      const run = await dataOf(api.GET('/api/v1/runs/{id}', { params: { path: { id } } }))
      return !['queued', 'running'].includes(run.state)
    },
    { what: `run ${id} to end`, ms: 240_000, everyMs: 300 },
  )
}

async function openChange(api: ApiClient): Promise<number> {
  const query = { state: 'open' as const, kind: 'delivery' as const }
  const { items } = await dataOf(api.GET('/api/v1/changes', { params: { query } }))
  if (!items[0]) throw new Error('no change request is open')
  return items[0].number
}

async function approve(api: ApiClient, number: number): Promise<void> {
  const path = { owner: 'fairway', repo: 'delivery', number }
  const { headCommit: head } = await dataOf(api.GET('/api/v1/changes/{owner}/{repo}/{number}', { params: { path } }))
  const body = { decision: 'approve' as const, head, comment: 'Looked at the rendered difference' }
  await dataOf(api.POST('/api/v1/changes/{owner}/{repo}/{number}/reviews', { params: { path }, body }))
}

async function cloneShop(platform: TestPlatform): Promise<string> {
  const clone = join(platform.data, '..', 'shop')
  await succeeds(fairway(platform, ['login', '--as', 'dev']))
  await succeeds(fairway(platform, ['clone', 'shop', clone]))
  return clone
}

/** A commit on main; resolves with the run that releases it. */
async function push(
  platform: TestPlatform,
  clone: string,
  { file, say, edit }: { file: string; say: string; edit: (text: string) => string },
): Promise<string> {
  const path = join(clone, file)
  await writeFile(path, edit(await readFile(path, 'utf8')))
  const author = ['-c', 'user.name=Dana Brandt', '-c', 'user.email=dev@example.com']
  await succeeds(git(platform, clone, ...author, 'commit', '--quiet', '--all', '--message', say))
  await succeeds(git(platform, clone, 'push', '--quiet', 'origin', 'HEAD:main'))
  const head = (await git(platform, clone, 'rev-parse', 'HEAD')).stdout.trim()
  const api = await apiAs(platform, 'dev')
  const query = { service: 'shop', workflow: 'release' as const }
  return waitUntil(
    async () => {
      const { items } = await dataOf(api.GET('/api/v1/runs', { params: { query } }))
      return items.find(({ input }) => JSON.stringify(input).includes(head))?.id
    },
    { what: 'the push to start a release', ms: 60_000 },
  )
}

async function succeeds(done: ReturnType<typeof git>): Promise<void> {
  const { exit, stderr } = await done
  if (exit !== 0) throw new Error(stderr)
}
