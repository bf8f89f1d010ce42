import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { testDatabase } from '../../testing/database.ts'
import { createKeys, secretFile, sharedKeys } from './secrets-file.ts'

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'fairway-replicas-'))
  t.after(() => rm(path, { recursive: true, force: true }))
  return path
}

const program = `
import { startControlPlane } from ${JSON.stringify(join(import.meta.dirname, 'server.ts'))}
try {
  await startControlPlane({ ...JSON.parse(process.argv[1]), log() {} })
  console.log('ready')
} catch (error) {
  console.log(error.code ?? error)
}
`

/** A control plane in a process of its own; gives its first word. */
async function replica(t: TestContext, place: object, env: NodeJS.ProcessEnv = {}) {
  const argv = ['--input-type=module', '--disable-warning=DEP0190', '-e', program, JSON.stringify(place)]
  const child = spawn(process.execPath, argv, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  t.after(kill)
  const [word] = (await Promise.race([once(child.stdout, 'data'), ended])) as [Buffer]
  return { word: String(word).trim(), kill }
}

test('two processes with embedded adapters on one database: the second is refused while the first lives, and not after', async (t) => {
  const { url: databaseUrl } = await testDatabase(t, { max: 1 })
  const place = async () => ({
    dataFolder: await folder(t),
    databaseUrl,
    host: '127.0.0.1',
    port: 0,
    gatewayPort: 0,
  })
  const first = await replica(t, await place())
  assert.equal(first.word, 'ready')
  const other = await place()
  assert.equal((await replica(t, other)).word, 'LOCAL_NEEDS_ONE_REPLICA')
  await first.kill()
  assert.equal((await replica(t, other)).word, 'ready')
})

test('with FAIRWAY_KEYS shared keys come from there and none is made, and the error names the file that is missing', async (t) => {
  const [keys, data] = [await folder(t), await folder(t)]
  process.env['FAIRWAY_KEYS'] = keys
  t.after(() => delete process.env['FAIRWAY_KEYS'])
  await assert.rejects(secretFile(data, 'vault-key'), {
    code: 'CREDENTIAL_MISSING',
    message: `the file ${join(keys, 'vault-key')} cannot be read (ENOENT)`,
  })
  assert.deepEqual((await createKeys(keys)).toSorted(), [...sharedKeys])
  assert.deepEqual(await createKeys(keys), [])

  assert.equal(await secretFile(data, 'vault-key'), (await readFile(join(keys, 'vault-key'), 'utf8')).trim())
  await secretFile(data, 'agent-git-key') // of this machine, so its own
  assert.deepEqual(await readdir(data), ['agent-git-key'])
})
