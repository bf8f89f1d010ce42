import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fairway } from '../../testing/cli.ts'
import { startPlatform } from '../../testing/start-platform.ts'

test('what is proposed for a plain repository is judged by the gates of every environment, and so is what was there', async (t) => {
  const platform = await startPlatform(t)
  const folder = await mkdtemp(join(tmpdir(), 'fairway-adopt-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'server.js'), "import 'node:http'\n")
  assert.equal((await fairway(platform, ['login', '--as', 'dev'])).exit, 0)
  const argv = ['adopt', folder, '--owner', 'team-a', '--name', 'old-shop', '--json=service,report']
  const first = await fairway(platform, argv)
  assert.equal(first.exit, 0, first.stderr)
  const { report } = first.json<{ report: { ok: boolean; problems: unknown[]; environments: { ok: boolean }[] } }>()
  assert.deepEqual(report.problems, [])
  assert.deepEqual(
    report.environments.map(({ ok }) => ok),
    [true, true, true],
    first.stdout,
  )
  await writeFile(join(folder, 'score.yaml'), 'apiVersion: score.dev/v1b1\n')
  const second = (await fairway(platform, argv)).json<{ report: { ok: boolean; problems: { file: string }[] } }>()
  assert.equal(second.report.ok, false)
  assert.equal(second.report.problems[0]?.file, 'score.yaml')
})
