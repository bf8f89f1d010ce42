import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { CredentialSource, readCredential } from './credential.ts'

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'fairway-credential-'))
  t.after(() => rm(path, { recursive: true, force: true }))
  return path
}

test('a credential comes from a variable or a file, and a rotated file is read anew', async (t) => {
  const path = join(await folder(t), 'token')
  await writeFile(path, 'first\n', { mode: 0o600 })
  assert.equal(await readCredential({ fromFile: path }), 'first')
  await writeFile(path, 'second\n')
  assert.equal(await readCredential({ fromFile: path }), 'second')
  assert.equal(await readCredential({ fromEnv: 'GITEA_TOKEN' }, { GITEA_TOKEN: 'third' }), 'third')
})

test('a file that others may read is refused, and the error names the file and not what is in it', async (t) => {
  const path = join(await folder(t), 'token')
  await writeFile(path, 'hunter2-hunter2\n', { mode: 0o600 })
  for (const mode of [0o644, 0o640, 0o604]) {
    await chmod(path, mode)
    await assert.rejects(readCredential({ fromFile: path }), (error: Error) => {
      assert.equal((error as { code?: string }).code, 'CREDENTIAL_MISSING')
      assert.match(error.message, new RegExp(path))
      assert.doesNotMatch(JSON.stringify(error) + error.message, /hunter2/)
      return true
    })
  }
  await chmod(path, 0o400)
  assert.equal(await readCredential({ fromFile: path }), 'hunter2-hunter2')
})

test('a secret that Kubernetes mounted is read although everybody in the container may read it', async (t) => {
  const mount = await folder(t)
  await mkdir(join(mount, '..2026_11_23'))
  await writeFile(join(mount, '..2026_11_23/token'), 'mounted', { mode: 0o644 })
  await symlink('..2026_11_23', join(mount, '..data'))
  await symlink('..data/token', join(mount, 'token'))
  assert.equal(await readCredential({ fromFile: join(mount, 'token') }), 'mounted')
})

test('an absent file, an empty file, a folder and a variable that is not set are CREDENTIAL_MISSING', async (t) => {
  const place = await folder(t)
  await writeFile(join(place, 'empty'), ' \n', { mode: 0o600 })
  for (const name of ['absent', 'empty', '.'])
    await assert.rejects(readCredential({ fromFile: join(place, name) }), { code: 'CREDENTIAL_MISSING' })
  await assert.rejects(readCredential({ fromEnv: 'NOT_SET_HERE' }, {}), {
    code: 'CREDENTIAL_MISSING',
    message: 'the environment variable NOT_SET_HERE is not set',
  })
})

test('fairway.yaml cannot hold the value itself', () => {
  for (const value of ['hunter2', { value: 'hunter2' }, { fromFile: 'relative' }, { fromEnv: 'A', fromFile: '/b' }]) {
    const { success, error } = CredentialSource.safeParse(value)
    assert.equal(success, false, JSON.stringify(value))
    assert.doesNotMatch(error?.message ?? '', /hunter2/)
  }
})
