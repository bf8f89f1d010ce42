import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { execa } from 'execa'
import { readBlobs } from './blobs.ts'
import { commitSigner, isSignedBy } from './commit-signature.ts'
import { commitTree } from './commits.ts'
import { initBare } from './repository.ts'
import { writeTree } from './trees.ts'

const secret = 'c2VjcmV0LW9mLTMyLWJ5dGVzLWZvci1hLXRlc3QhIQ'

test('the same commit signed twice has the same id, and carries a signature by the key alone', async (t) => {
  const { commit, raw } = await signedCommit(t)

  assert.equal((await signedCommit(t)).commit, commit)
  assert.equal(isSignedBy(raw, commitSigner(secret).publicKey), true)
  assert.equal(isSignedBy(raw, commitSigner('another').publicKey), false)
})

test('a signature does not survive a change of tree, message, author, or of a single byte of itself', async (t) => {
  const { raw } = await signedCommit(t)
  const { publicKey } = commitSigner(secret)
  const text = raw.toString('latin1')

  for (let at = 0; at < text.length; at++) {
    const other = `${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`
    assert.equal(isSignedBy(Buffer.from(other, 'latin1'), publicKey), false, `byte ${at} was changed unnoticed`)
  }
})

test('a signature in the message, a second one, or one for another use counts for nothing', async (t) => {
  const { raw } = await signedCommit(t)
  const { publicKey } = commitSigner(secret)
  const text = raw.toString('latin1')
  const header = /\ngpgsig .*(?:\n .*)*/.exec(text)?.[0] ?? ''
  const unsigned = text.replace(header, '')

  for (const forged of [
    unsigned,
    `${unsigned}${header}\n`,
    text.replace(header, `${header}${header}`),
    text.replace('gpgsig ', 'gpgsig-sha256 '),
  ])
    assert.equal(isSignedBy(Buffer.from(forged, 'latin1'), publicKey), false)
})

test('git verify-commit accepts it with the allowed_signers line, and refuses it for another key', async (t) => {
  if (!(await hasSshKeygen())) return t.skip('ssh-keygen is not installed')
  const { folder, commit } = await signedCommit(t)

  const good = await verifyCommit(folder, { commit, publicKey: commitSigner(secret).publicKey })
  const bad = await verifyCommit(folder, { commit, publicKey: commitSigner('another').publicKey })

  assert.equal(good.exitCode, 0, good.stderr)
  assert.match(good.stderr, /Good "git" signature for fairway@fairway\.local/)
  assert.notEqual(bad.exitCode, 0)
})

async function signedCommit(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-signed-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const repo = await initBare(join(folder, 'repository.git'))
  const commit = await commitTree(repo, {
    tree: await writeTree(repo, [{ path: 'a.txt', content: 'a' }]),
    parents: [],
    message: 'Größe\n\nApproved-by: nobody\n',
    author: { name: 'fairway', email: 'fairway@fairway.local' },
    at: '2026-01-01T00:00:00Z',
    signer: commitSigner(secret),
  })
  const [raw = Buffer.alloc(0)] = await readBlobs(repo, [commit])
  return { folder, commit, raw }
}

async function verifyCommit(folder: string, { commit, publicKey }: { commit: string; publicKey: string }) {
  const signers = join(folder, 'allowed_signers')
  await writeFile(signers, `fairway@fairway.local namespaces="git" ${publicKey}\n`)
  const config = ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${signers}`]
  const repository = join(folder, 'repository.git')
  return execa('git', ['--git-dir', repository, ...config, 'verify-commit', commit], { reject: false })
}

async function hasSshKeygen(): Promise<boolean> {
  return (await execa('ssh-keygen', ['-?'], { reject: false })).code !== 'ENOENT'
}
