import assert from 'node:assert/strict'
import { chown, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { detectIsolation, identityFor } from './isolation.ts'
import { openWorkRoot } from './work-root.ts'

const needsRoot = process.getuid?.() === 0 ? false : 'only root can give folders to other users'

test('a folder keeps its contents for the same child, and is new for another one', { skip: needsRoot }, async (t) => {
  const base = await mkdtemp(join(tmpdir(), 'fairway-work-root-'))
  t.after(() => rm(base, { recursive: true, force: true }))
  const isolation = await detectIsolation({ place: base })
  const root = await openWorkRoot(join(base, 'data'), isolation, join(base, 'state'))
  const first = await root.ownedFolder('cache', 'dev/shop')
  const { uid = 0, gid = 0 } = identityFor(isolation, 'dev/shop')
  await writeFile(join(first, 'kept'), '')
  await chown(join(first, 'kept'), uid, gid)

  const again = await readdir(await root.ownedFolder('cache', 'dev/shop'))
  const other = await root.ownedFolder('cache', 'dev/cart')

  assert.deepEqual(again, ['kept'])
  assert.deepEqual(await readdir(other), [])
  assert.equal((await stat(other)).uid, identityFor(isolation, 'dev/cart').uid)
})
