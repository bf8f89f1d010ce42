import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { testDatabase } from '../../testing/database.ts'
import { startPlatform } from './platform.ts'
import { startControlPlane } from './server.ts'

test('local identity on an address that others reach stops the start before anything is there', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-failed-start-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const dataFolder = join(folder, 'data')
  const options = { dataFolder, port: 1, gatewayPort: 1, log: () => {}, startControlPlane }
  for (const host of ['0.0.0.0', '::', '192.168.1.1', 'example.com', '127.0.0.1.example.com'])
    await assert.rejects(startPlatform({ ...options, host }), { code: 'IDENTITY_NEEDS_LOOPBACK' }, host)

  assert.equal(existsSync(dataFolder), false)
  const place = { ...options, databaseUrl: 'postgres://127.0.0.1:1/none', host: '0.0.0.0' }
  await assert.rejects(startControlPlane(place), { code: 'IDENTITY_NEEDS_LOOPBACK' })
})

test('a control plane that cannot start leaves nothing open: the process ends by itself', async (t) => {
  const { url } = await testDatabase(t, { max: 1 })
  const folder = await mkdtemp(join(tmpdir(), 'fairway-failed-start-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'agent-source.json')) // written when server, pool, policy engine and receivers are there
  const place = { dataFolder: folder, databaseUrl: url, host: '127.0.0.1', port: 0, gatewayPort: 0 }

  const child = spawn(process.execPath, ['--input-type=module', '-e', program, JSON.stringify(place)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 30_000,
  })
  let output = ''
  child.stdout.on('data', (text) => (output += String(text)))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]

  assert.deepEqual({ output: output.trim(), code, signal }, { output: 'EISDIR', code: 0, signal: null })
})

// What stays open would keep the process alive.
const program = `
import { startControlPlane } from ${JSON.stringify(join(import.meta.dirname, 'server.ts'))}
await startControlPlane({ ...JSON.parse(process.argv[1]), log() {} }).catch((error) => console.log(error.code))
`
