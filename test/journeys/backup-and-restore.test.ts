import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Run } from '#model/run.ts'
import { terminalStates } from '#model/run-states.ts'
import { callService, fairway, git } from '../../testing/cli.ts'
import { preparePlatform, startPlatform, type TestPlatform } from '../../testing/start-platform.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import { chapter } from './first-service/story.ts'

interface Backup {
  readonly file: string
  readonly keyFile: string
  readonly bytes: number
  readonly seconds: number
}

test('a platform is backed up while it works and restored elsewhere', async (t) => {
  const old = await startPlatform(t)
  const fresh = await preparePlatform()
  t.after(() => fresh.remove())
  let backup: Backup | undefined
  let mail = ''

  await chapter(t, 'a backup is made while a service is being created', async () => {
    await signIn(old)
    const made = await fairway(old, ['new', '--template', 'http-api', '--name', 'shop', '--owner', 'team-a', '--wait'])
    assert.equal(made.exit, 0, made.stderr)
    mail = (
      await fairway(old, ['new', '--template', 'http-api', '--name', 'mail', '--owner', 'team-a', '--json'])
    ).json<{
      run: Run
    }>().run.id
    await stepReached(old, mail, 'create-repository')

    const done = await fairway(old, ['backup', '--out', join(old.data, '../one.backup'), '--json'])

    assert.equal(done.exit, 0, done.stderr)
    assert.match(done.stderr, /Keep a copy of it elsewhere/)
    backup = done.json<Backup>()
    t.diagnostic(`backup: ${backup.bytes} bytes in ${backup.seconds} s`)
    const nowhere = await fairway(old, ['backup', '--out', join(old.data, 'no/such/folder')])
    assert.equal(nowhere.code, 'BACKUP_NOT_WRITTEN')
    assert.deepEqual(
      (await readdir(old.data)).filter((name) => name.startsWith('backup')),
      [],
    )
    assert.equal((await endedRun(old, mail)).state, 'succeeded')
  })
  const { file, keyFile } = backup as unknown as Backup

  await chapter(t, 'the backup says nothing to who has no key, and its key is not in it', async () => {
    const sealed = await readFile(file)
    const secrets = await secretsOf(old)

    assert.ok(secrets.length >= 4)
    for (const text of [...secrets, (await readFile(keyFile, 'utf8')).trim(), 'team-a', 'CREATE', 'refs/heads'])
      assert.equal(sealed.includes(text), false)
    assert.equal(keyFile.startsWith(old.data), false)
  })

  await chapter(
    t,
    'a missing or wrong key, a flipped byte and a lost end are told apart and restore nothing',
    async () => {
      const bytes = await readFile(file)
      const broken = join(old.data, '../broken.backup')
      const other = join(old.data, '../other-key')
      await writeFile(other, 'a key that nobody sealed anything with')
      const restore = (path: string, key: string[]) => fairway(fresh, ['restore', path, ...key])
      const given = ['--key-file', keyFile]

      const missing = await restore(file, [])
      const wrong = await restore(file, ['--key-file', other])
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
      await writeFile(broken, bytes)
      const flipped = await restore(broken, given)
      await writeFile(broken, (await readFile(file)).subarray(0, -1_000))
      const cut = await restore(broken, given)

      const codes = [missing, wrong, flipped, cut].map(({ code }) => code)
      assert.deepEqual(codes, ['BACKUP_KEY_MISSING', 'BACKUP_KEY_WRONG', 'BACKUP_DAMAGED', 'BACKUP_DAMAGED'])
      assert.equal(existsSync(fresh.data), false)
      assert.deepEqual(
        (await readdir(join(fresh.data, '..'))).filter((name) => name.includes('restore')),
        [],
      )
    },
  )

  await chapter(t, 'restored into an empty folder, everything comes up again and the audit log holds', async () => {
    await fairway(old, ['down'])
    const restored = await fairway(fresh, ['restore', file, '--key-file', keyFile, '--json'])
    assert.equal(restored.exit, 0, restored.stderr)
    t.diagnostic(restored.stdout)
    const again = await fairway(fresh, ['restore', file, '--key-file', keyFile])

    await fresh.start()
    await signIn(fresh)

    assert.equal(again.code, 'RESTORE_NOT_EMPTY')
    assert.deepEqual(restored.json<{ problems: string[] }>().problems, [])
    const verified = await fairway(fresh, ['audit', 'verify', '--as', 'platform', '--json'])
    assert.equal(verified.exit, 0, verified.stdout)
    await answers(fresh, 'shop')
  })

  await chapter(t, 'the run that was under way ends, and nothing it did is there twice', async () => {
    const run = await endedRun(fresh, mail)

    assert.equal(run.state, 'succeeded', JSON.stringify(run.error))
    await answers(fresh, 'mail')
    assert.equal((await commitsOf(fresh, 'team-a/mail')).length, 1)
    assert.equal((await commitsOf(fresh, 'fairway/delivery', 'envs/dev/mail')).length, 1)
    assert.deepEqual(await secretsOf(fresh), await secretsOf(old))
  })
})

async function signIn(platform: TestPlatform): Promise<void> {
  for (const name of ['platform', 'dev']) assert.equal((await fairway(platform, ['login', '--as', name])).exit, 0)
}

async function runOf(platform: TestPlatform, id: string): Promise<Run> {
  return (await fairway(platform, ['run', 'show', id, '--json'])).json<Run>()
}

async function stepReached(platform: TestPlatform, id: string, step: string): Promise<void> {
  const isThere = async () =>
    (await runOf(platform, id)).steps.some(({ name, state }) => name === step && state === 'succeeded')
  await waitUntil(isThere, { what: `${step} of ${id}`, ms: 60_000 })
}

async function endedRun(platform: TestPlatform, id: string): Promise<Run> {
  const ended = async () => {
    const run = await runOf(platform, id)
    return terminalStates.includes(run.state) ? run : undefined
  }
  return waitUntil(ended, { what: `run ${id} to end`, ms: 120_000, everyMs: 300 })
}

async function answers(platform: TestPlatform, service: string): Promise<void> {
  const isThere = async () => (await callService(platform, { service, environment: 'dev' })).status === 200
  await waitUntil(isThere, { what: `${service} to answer`, ms: 60_000, everyMs: 200 })
}

async function commitsOf(platform: TestPlatform, repo: string, path = '.'): Promise<string[]> {
  const argv = ['log', '--format=%H', 'main', '--', path]
  const { stdout } = await git(platform, join(platform.data, `git/${repo}.git`), ...argv)
  return stdout.trim().split('\n').filter(Boolean)
}

/** Contents of the platform's key files. */
async function secretsOf({ data }: TestPlatform): Promise<string[]> {
  const names = (await readdir(data)).filter((name) => /-(key|secret)$/.test(name)).toSorted()
  return Promise.all(names.map(async (name) => (await readFile(join(data, name), 'utf8')).trim()))
}
