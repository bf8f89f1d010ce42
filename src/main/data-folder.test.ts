import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { canReach, databaseUser } from '#store/embedded/database-user.ts'
import { chooseDataFolder, openDataFolder } from './data-folder.ts'

const isRoot = process.getuid?.() === 0

test('FAIRWAY_DATA decides; without it the checkout keeps its own data', async (t) => {
  const checkout = await folder(t)

  assert.deepEqual(chooseDataFolder({ checkout, env: { FAIRWAY_DATA: '/a/b' } }), { path: '/a/b' })
  assert.deepEqual(chooseDataFolder({ checkout, env: {} }), { path: join(checkout, '.fairway') })
})

test('a checkout below a private folder gets a data folder elsewhere, and says why', async (t) => {
  const home = await folder(t)
  const checkout = join(home, 'checkout')
  await mkdir(checkout)
  await chmod(isRoot ? home : checkout, isRoot ? 0o700 : 0o500)

  const { path, because } = chooseDataFolder({ checkout, env: { XDG_STATE_HOME: '/state' } })

  assert.match(
    path,
    isRoot ? /^\/var\/lib\/fairway\/checkout-[0-9a-f]{8}$/ : /^\/state\/fairway\/checkout-[0-9a-f]{8}$/,
  )
  assert.ok(because)
})

test('only the owner and the database’s user may enter, also when the folder was open before', async (t) => {
  const path = join(await folder(t), 'data')
  await mkdir(path, { mode: 0o777 })
  const opened = await openDataFolder(path)

  assert.equal((await stat(opened)).mode & 0o777, isRoot ? 0o710 : 0o700)
  assert.equal(canReach(opened, { uid: 4_242, gid: 4_242 }), false)
  const user = databaseUser()
  if (user) assert.equal(canReach(opened, user), true)
})

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'fairway-choice-'))
  await chmod(path, 0o755)
  t.after(async () => {
    await chmod(path, 0o700)
    await rm(path, { recursive: true, force: true })
  })
  return path
}
