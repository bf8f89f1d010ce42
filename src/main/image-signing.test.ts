import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { imageSigning } from './image-signing.ts'

test('the key is made once, readable by us only, and is the same ever after', async (t) => {
  const folder = await tempFolder(t)

  const [first, second] = [await imageSigning(folder), await imageSigning(folder)]

  assert.equal(second.key.id, first.key.id)
  assert.equal((await stat(join(folder, 'image-key'))).mode & 0o777, 0o600)
  assert.deepEqual(
    second.trusted.map(({ id, active }) => [id, active]),
    [[first.key.id, true]],
  )
})

test('without its key file the next start signs with a new one, and the old one is still trusted until it is taken out', async (t) => {
  const folder = await tempFolder(t)
  const old = await imageSigning(folder)
  await rm(join(folder, 'image-key'))

  const rotated = await imageSigning(folder)
  const text = await readFile(join(folder, 'image-keys'), 'utf8')
  await writeFile(join(folder, 'image-keys'), text.replace(old.key.pem, ''))
  const after = await imageSigning(folder)

  assert.notEqual(rotated.key.id, old.key.id)
  assert.deepEqual(
    rotated.trusted.map(({ id, active }) => [id, active]),
    [
      [old.key.id, false],
      [rotated.key.id, true],
    ],
  )
  assert.deepEqual(
    after.trusted.map(({ id }) => id),
    [rotated.key.id],
  )
})

test('a trusted key of another kind stops the start and names the file', async (t) => {
  const folder = await tempFolder(t)
  const ed25519 = 'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE='
  await writeFile(join(folder, 'image-keys'), `-----BEGIN PUBLIC KEY-----\n${ed25519}\n-----END PUBLIC KEY-----\n`)

  await assert.rejects(imageSigning(folder), { code: 'SETTINGS_INVALID', message: /image-keys/ })
})

async function tempFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-keys-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}
