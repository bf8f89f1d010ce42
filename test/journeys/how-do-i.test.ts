import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fairwayProgram } from '../../testing/cli.ts'
import { startPlatform } from '../../testing/start-platform.ts'
import { examplesOf, typed } from '../../testing/typed-examples.ts'

const page = new URL('../../docs/guide/how-do-i.md', import.meta.url)

test('every line of docs/guide/how-do-i.md does what the page says, in its order', { timeout: 480_000 }, async (t) => {
  const platform = await startPlatform(t)
  const folder = await mkdtemp(join(tmpdir(), 'fairway-how-do-i-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await symlink(fairwayProgram, join(folder, 'fairway'))
  const questions = examplesOf(await readFile(page, 'utf8'))
  assert.ok(questions.length >= 20, `${questions.length} questions`)

  for (const { heading, lines } of questions)
    await t.test(heading, async () => {
      const { exit, words } = await typed(platform, { folder, lines })
      assert.equal(exit, 0, words)
    })
})
