import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { apiAs } from '../../testing/cli.ts'
import { clearGitea, clearHooks, labConfig } from '../../testing/lab-config.ts'
import { startPlatform } from '../../testing/start-platform.ts'
import { push, releaseRunOf, tell } from './first-service/story.ts'

const config = await labConfig(['gitea'])

test('a push of which Gitea tells nothing is released all the same, as its author', {
  skip: config.skip,
}, async (t) => {
  await clearGitea()
  const platform = await startPlatform(t, config)
  const clone = join(platform.data, '../shop')
  const story = tell(platform, { clone, api: await apiAs(platform, 'dev') })
  for (const argv of [
    ['login', '--as', 'dev'],
    ['new', '--template', 'http-api', '--name', 'shop', '--owner', 'team-a', '--wait'],
    ['clone', 'shop', clone],
  ]) {
    const done = await story.cli(...argv)
    assert.equal(done.exit, 0, done.stderr)
  }
  await clearHooks()
  const file = join(clone, 'README.md')
  await writeFile(file, `${await readFile(file, 'utf8')}\nMore.\n`)

  const run = await releaseRunOf(story, await push(story, 'Say more'))

  assert.deepEqual([run.state, run.requestedBy], ['succeeded', 'dev'], JSON.stringify(run.error))
})
