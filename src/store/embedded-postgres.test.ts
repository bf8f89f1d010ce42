import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import pg from 'pg'
import { isGroupAlive, startMark } from '#lib/process-group.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import { findEmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'

test('the server keeps data, is adopted while it lives, and starts again after kill -9', async (t) => {
  const folder = await temporaryFolder(t)
  const first = await start(t, folder)
  await ask(first.url, "create table note as select 'kept' as text")

  const second = await start(t, folder)
  assert.deepEqual([second.pid, second.port, second.adopted], [first.pid, first.port, true])

  const ref = { pid: first.pid, started: startMark(first.pid) ?? '' }
  process.kill(first.pid, 'SIGKILL')
  await waitUntil(() => !isGroupAlive(ref), { what: 'the killed server to end' })
  const third = await start(t, folder)
  assert.equal(third.adopted, false)
  assert.deepEqual(await ask(third.url, 'select text from note'), [{ text: 'kept' }])
})

test('two starts at once on an empty folder share one server', async (t) => {
  const folder = await temporaryFolder(t)
  const [one, other] = await Promise.all([start(t, folder), start(t, folder)])
  assert.equal(one.pid, other.pid)
  assert.equal(one.url, other.url)
})

test('nobody gets in without the password, and only its owner can read that', async (t) => {
  const folder = await temporaryFolder(t)
  const { url } = await start(t, folder)

  await assert.rejects(ask(url.replace(/:[^:@/]+@/, ':wrong@'), 'select 1'), { code: '28P01' })
  assert.equal((await stat(join(folder, 'cluster/password'))).mode & 0o777, 0o600)
  assert.equal((await stat(join(folder, 'cluster'))).mode & 0o777, 0o700)
})

test('the server is not root and listens on loopback only', { skip: process.platform !== 'linux' }, async (t) => {
  const { url, pid } = await start(t, await temporaryFolder(t))
  const uid = /^Uid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]

  assert.notEqual(uid, '0')
  assert.deepEqual(await ask(url, 'show listen_addresses'), [{ listen_addresses: '127.0.0.1' }])
})

test('a pid file that now names a stranger is removed and the stranger lives on', async (t) => {
  const folder = await temporaryFolder(t)
  await (await start(t, folder)).stop()
  const stranger = spawn('sleep', ['600'], { stdio: 'ignore' })
  t.after(() => stranger.kill('SIGKILL'))
  await once(stranger, 'spawn')
  const data = join(folder, 'cluster/data')
  await writeFile(join(data, 'postmaster.pid'), `${stranger.pid}\n${data}\n1\n5432\n\n127.0.0.1\n`)

  const server = await start(t, folder)

  assert.notEqual(server.pid, stranger.pid)
  assert.equal(stranger.exitCode, null)
  assert.equal(stranger.signalCode, null)
})

test('a stopped server is gone, and can be found from outside until then', async (t) => {
  const folder = await temporaryFolder(t)
  const { pid } = await start(t, folder)
  const found = await findEmbeddedPostgres(folder)
  assert.equal(found?.pid, pid)

  await found?.stop()

  assert.equal(await findEmbeddedPostgres(folder), undefined)
})

async function start(t: TestContext, folder: string) {
  const server = await startEmbeddedPostgres({ folder, log: () => {}, fsync: false })
  t.after(() => server.stop())
  return server
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-postgres-'))
  await chmod(folder, 0o711)
  t.after(async () => {
    await (await findEmbeddedPostgres(folder))?.stop()
    await rm(folder, { recursive: true, force: true })
  })
  return folder
}

async function ask(url: string, query: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(query)).rows
  } finally {
    await client.end()
  }
}
