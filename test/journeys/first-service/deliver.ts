import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { waitUntil } from '../../../testing/wait-until.ts'
import {
  chapter,
  deliveredIn,
  push,
  releaseRunOf,
  shopAnswers,
  type StartedRun,
  type Story,
  trailersOf,
  untilShopAnswers,
} from './story.ts'

/** From a push to production: a release, promotions, an approval. The commit that runs everywhere then. */
export async function deliver(t: TestContext, story: Story): Promise<string> {
  const { cli, runtime } = story
  let second = ''
  await chapter(t, 'a push becomes a release that answers in dev, with nobody asking for it', async () => {
    await edit(story, 'src/app.ts', [
      "app.get('/openapi.json'",
      "app.get('/edition', (c) => c.json({ edition: 'second' }))\n  app.get('/openapi.json'",
    ])

    second = await push(story, 'Say which edition this is')

    const run = await releaseRunOf(story, second)
    assert.equal(run.state, 'succeeded', JSON.stringify(run.error))
    await untilShopAnswers(story, { environment: 'dev', path: '/edition', body: '{"edition":"second"}' })
  })

  await chapter(t, 'promote brings the very same image to staging', async () => {
    const promoted = await cli('promote', 'shop', '--to', 'staging', '--wait', '--json')

    assert.equal(promoted.exit, 0, promoted.stderr)
    const [dev, staging] = promoted.json<StartedRun>().service?.environments ?? []
    assert.deepEqual(staging?.release, dev?.release)
    assert.equal((await shopAnswers(story, 'staging', '/edition')).status, 200)
  })

  await chapter(t, 'production waits for a second person, and a contributor cannot be that person', async () => {
    const promoted = await cli('promote', 'shop', '--to', 'production', '--wait', '--json')
    const { run } = promoted.json<StartedRun>()
    const change = String(run.result?.['change'])
    const own = await cli('change', 'approve', change, '--as', 'dev')

    assert.equal(promoted.exit, 3)
    assert.equal(run.state, 'waiting')
    assert.deepEqual([own.exit, own.code], [3, 'SELF_APPROVAL'])
    assert.equal((await shopAnswers(story, 'production')).status, 404)
  })

  await chapter(t, 'the approval of a second person sends it on, with two replicas', async () => {
    const [waiting] = (await cli('run', 'list', '--state', 'waiting', '--json')).json<StartedRun['run'][]>()
    const approved = await cli('change', 'approve', String(waiting?.result?.['change']), '--as', 'dev2')
    const watched = await cli('run', 'watch', String(waiting?.id), '--json')

    assert.equal(approved.exit, 0, approved.stderr)
    assert.equal(watched.exit, 0, watched.stderr)
    assert.equal((await runtime.instances()).filter((one) => one.startsWith('production ')).length, 2)
    const trailers = await trailersOf(story, 'production')
    assert.deepEqual([trailers.get('Requested-by'), trailers.get('Approved-by')], ['dev', 'dev2'])
    for (const key of ['Change-Id', 'Run-Id', 'Release', 'Verdict']) assert.ok(trailers.has(key), key)
  })
  return second
}

/** A version that never gets ready harms nobody, and one command takes it back. */
export async function recover(t: TestContext, story: Story, second: string): Promise<void> {
  const { cli } = story
  await chapter(
    t,
    'a version that never gets ready fails its run with the reason, and the old one keeps answering',
    async () => {
      await shortenRollouts(story)
      await edit(story, 'src/app.ts', [
        "readiness.state === 'ready' ?",
        "readiness.state === 'ready' && config.environment !== 'dev' ?",
      ])

      const run = await releaseRunOf(story, await push(story, 'Never be ready in dev'))

      assert.equal(run.error?.code, 'ROLLOUT_FAILED', JSON.stringify(run.error))
      assert.match(run.error?.detail ?? '', new RegExp(`not ready within ${story.runtime.rolloutSeconds} s: .*503`))
      assert.match(run.error?.hint ?? '', /fairway rollback shop --env dev/)
      assert.equal((await shopAnswers(story, 'dev', '/edition')).status, 200)
      assert.equal((await cli('status', 'shop')).exit, 8)
    },
  )

  await chapter(t, 'rollback restores the earlier deployment with one commit that says what it reverts', async () => {
    const reverted = (await deliveredIn(story, { environment: 'dev', format: '%H' })).stdout.trim()

    const back = await cli('rollback', 'shop', '--env', 'dev', '--wait', '--json')

    assert.equal(back.exit, 0, back.stderr)
    const dev = back.json<StartedRun>().service?.environments.find(({ name }) => name === 'dev')
    assert.deepEqual([dev?.health, dev?.sync, dev?.release?.commit], ['healthy', 'synced', second])
    assert.equal((await trailersOf(story, 'dev')).get('Reverts'), reverted)
  })
}

async function edit({ clone }: Story, file: string, [from, to]: readonly [string, string]): Promise<void> {
  const path = join(clone, file)
  const before = await readFile(path, 'utf8')
  assert.ok(before.includes(from), `${file} has no ${from}`)
  await writeFile(path, before.replace(from, to))
}

/** As a platform engineer would: a change of the platform repository, reviewed by another one. */
async function shortenRollouts({ cli, git, clone, runtime }: Story): Promise<void> {
  const settings = `${clone}-platform`
  const as = ['--as', 'platform']
  await cli('clone', 'fairway/platform', settings, ...as)
  const file = join(settings, 'environments/dev.yaml')
  await writeFile(
    file,
    (await readFile(file, 'utf8')).replace('rolloutSeconds: 60', `rolloutSeconds: ${runtime.rolloutSeconds}`),
  )
  for (const argv of [
    ['switch', '--quiet', '--create', 'quick'],
    ['commit', '--quiet', '--all', '--message', 'Give up sooner in dev'],
    ['push', '--quiet', 'origin', 'quick'],
  ]) {
    const done = await git('-C', settings, ...argv)
    assert.equal(done.exit, 0, done.stderr)
  }
  const opened = await cli(
    'change',
    'open',
    '--repo',
    'fairway/platform',
    '--branch',
    'quick',
    '--title',
    'Give up sooner in dev',
    '--json',
    ...as,
  )
  const { id } = opened.json<{ id: string }>()
  await cli('login', '--as', 'platform2')
  const approved = await cli('change', 'approve', id, '--as', 'platform2')
  assert.equal(approved.exit, 0, approved.stderr)
  const merges = async () => {
    const { exit, stderr } = await cli('change', 'merge', id, '--as', 'platform2')
    if (exit !== 0) throw new Error(stderr)
    return true
  }
  await waitUntil(merges, {
    what: 'the checked and approved change of the settings to merge',
    ms: 120_000,
    everyMs: 200,
  })
  await cli('login', '--as', 'dev')
}
