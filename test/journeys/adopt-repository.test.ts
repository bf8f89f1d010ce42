import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { callService, type CliResult, fairway } from '../../testing/cli.ts'
import { putOldShop } from '../../testing/old-shop.ts'
import { preparePlatform } from '../../testing/start-platform.ts'
import { waitUntil } from '../../testing/wait-until.ts'

test('a repository without a word of Fairway becomes a service by one command and one merge', {
  timeout: 300_000,
}, async (t) => {
  const platform = await preparePlatform([join(import.meta.dirname, '../proofs/crash-grid/control-plane.ts')])
  t.after(() => platform.remove())
  await platform.start()
  const cli = (...argv: string[]) => fairway(platform, argv)
  const done = async (...argv: string[]): Promise<CliResult> => {
    const result = await cli(...argv)
    assert.equal(result.exit, 0, `${argv.join(' ')}: ${result.stderr}`)
    return result
  }
  await putOldShop(platform)
  await done('login', '--as', 'dev')

  const dry = await done('adopt', 'team-a/old-shop', '--dry-run')
  assert.match(dry.stdout, /health +\/healthz/)
  assert.match(dry.stdout, /new: score\.yaml/)
  assert.equal((await cli('status', 'old-shop')).exit, 5)

  const run = await done('adopt', 'team-a/old-shop', '--wait')
  assert.match(run.stderr, /next: fairway change list/)
  assert.match((await done('change', 'list')).stdout, /team-a\/old-shop#1/)
  assert.equal((await cli('adopt', 'team-a/old-shop', '--json')).code, 'ALREADY_ON_PATH')
  assert.match((await done('catalog', 'show', 'component:default/old-shop')).stdout, /old-shop/)

  const merged = async () => (await cli('change', 'merge', 'team-a/old-shop#1')).exit === 0
  await waitUntil(merged, { what: 'the checks and the merge', ms: 120_000, everyMs: 1_000 })
  const answers = async () => (await callService(platform, { service: 'old-shop', environment: 'dev' })).body
  await waitUntil(async () => (await answers()) === 'old shop', { what: 'the service', ms: 150_000, everyMs: 500 })
})
