import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ownValues } from './own-values.ts'

test('values of one’s own are read outside a repository and where Git ignores them, and nowhere else', async (t) => {
  const folder = await folderWith(t)
  assert.deepEqual(await ownValues(folder), { PASSWORD: 'mine' })

  execFileSync('git', ['init', '--quiet', folder])
  await assert.rejects(ownValues(folder), { code: 'DEV_FILE_EXPOSED' })

  await writeFile(join(folder, '.gitignore'), '.env.local\n')
  assert.deepEqual(await ownValues(folder), { PASSWORD: 'mine' })
})

test('a repository that Git cannot read counts as one that would commit them', async (t) => {
  const folder = await folderWith(t)
  await mkdir(join(folder, '.git'))
  await writeFile(join(folder, '.gitignore'), '.env.local\n')
  await writeFile(join(folder, '.git/config'), '[core\n')

  await assert.rejects(ownValues(folder), { code: 'DEV_FILE_EXPOSED' })
})

async function folderWith(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-own-values-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, '.env.local'), 'PASSWORD=mine\n')
  return folder
}
