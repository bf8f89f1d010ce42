import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '#model/run.ts'
import type { RunCommit } from '#model/run-commit.ts'
import type { Tour, TourCommit } from '#model/tour.ts'
import { callService, fairway } from '../../testing/cli.ts'
import { startPlatform } from '../../testing/start-platform.ts'

test('the first minute by the command line: hello, its commits, broken on purpose, rolled back', async (t) => {
  const platform = await startPlatform(t)
  const cli = (...argv: string[]) => fairway(platform, argv)
  const answers = async () => (await callService(platform, { service: 'hello', environment: 'dev' })).status
  const tour = async () => (await cli('tour', 'hello', '--json')).json<Tour>()
  assert.equal((await cli('login', '--as', 'dev')).exit, 0)
  const line = 'fairway new --template http-api --name hello --owner team-a --wait'
  let made = ''

  await t.test('an empty platform says the line, and that very line makes the service', async () => {
    const [listed, asked] = [await cli('catalog', 'list'), await cli('status')]
    assert.ok(listed.stderr.includes(line), listed.stderr)
    assert.deepEqual([asked.exit, asked.stderr.includes(line)], [2, true], asked.stderr)

    const done = await cli(...line.split(' ').slice(1), '--json')

    assert.equal(done.exit, 0, done.stderr)
    made = done.json<{ run: Run }>().run.id
    assert.equal(await answers(), 200)
    assert.ok(!(await cli('catalog', 'list')).stderr.includes('no service exists yet'))
  })

  await t.test('its run tells the real commits of both repositories', async () => {
    const commits = (await cli('run', 'commits', made, '--json')).json<RunCommit[]>()
    assert.deepEqual(
      commits.map(({ repository }) => repository),
      ['team-a/hello', 'fairway/delivery'],
    )

    const shown = await cli('run', 'commits', made, String(commits[1]?.commit.slice(0, 7)))

    assert.match(shown.stdout, /Change-Id: fairway\/delivery#\d+/)
    assert.match(shown.stdout, /added envs\/dev\/hello\/release\.yaml/)
  })

  await t.test('the break shows its commit first and changes nothing until it is asked for', async () => {
    const dry = await cli('tour', 'break', 'hello', '--dry-run', '--json')

    const { preview } = dry.json<{ preview: TourCommit }>()
    assert.deepEqual([preview.file.path, preview.file.additions, preview.file.deletions], ['score.yaml', 1, 1])
    assert.equal((await tour()).stage, 'whole')
    await cli('login', '--as', 'dev3')
    const other = await cli('tour', 'break', 'hello', '--as', 'dev3')
    assert.deepEqual([other.exit, other.code], [4, 'NOT_ALLOWED'])
    await cli('login', '--as', 'dev')
  })

  await t.test('broken, the run fails with its cause, and the version before answers', async () => {
    const broken = await cli('tour', 'break', 'hello', '--wait')

    assert.equal(broken.exit, 8, broken.stderr)
    assert.match(broken.stdout, /hello never became ready in dev: its probe GET \/not-ready-on-purpose/)
    assert.equal(await answers(), 200)
    assert.deepEqual([(await tour()).stage, (await cli('status', 'hello')).exit], ['broken', 8])
  })

  await t.test('rolled back it is healthy, and mended main is, too', async () => {
    assert.equal((await cli('rollback', 'hello', '--env', 'dev', '--wait')).exit, 0)
    assert.deepEqual([(await tour()).stage, (await cli('status', 'hello')).exit], ['back', 0])

    const mended = await cli('tour', 'mend', 'hello', '--wait')

    assert.equal(mended.exit, 0, mended.stderr)
    assert.deepEqual([(await tour()).stage, await answers()], ['whole', 200])
    assert.equal((await cli('tour', 'mend', 'hello')).exit, 0, 'mending again gives the same run')
  })
})
