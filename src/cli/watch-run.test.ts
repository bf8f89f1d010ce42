import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fairway, fairwayProgram } from '../../testing/cli.ts'
import { waitUntil } from '../../testing/wait-until.ts'

const run = {
  id: 'r22222',
  state: 'running',
  workflow: 'release',
  steps: [{ name: 'build', title: 'Run pipeline', state: 'running' }],
}

test('Ctrl-C while a run is watched ends the watching with 130 and says how to go on', async (t) => {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(run))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const home = await mkdtemp(join(tmpdir(), 'fairway-watch-'))
  t.after(() => rm(home, { recursive: true, force: true }))
  const env = { PATH: process.env['PATH'], HOME: home, FAIRWAY_TOKEN: 'of-the-test' }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const child = spawn(fairwayProgram, ['run', 'watch', 'r22222', '--server', url], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (text) => (said += String(text)))
  await waitUntil(() => said.includes('Run pipeline'), { what: 'the step to be told', ms: 30_000 })
  child.kill('SIGINT')
  const [code] = (await once(child, 'exit')) as [number]

  assert.equal(code, 130)
  assert.match(said, /the run goes on: fairway run watch r22222/)
})

test('a field that an answer does not have is refused with those that it has', async () => {
  const env = { PATH: process.env['PATH'] }

  const refused = await fairway({ env }, ['config', 'explain', 'port', '--json=bogus'])

  assert.equal(refused.exit, 2)
  assert.match(refused.stderr, /no field bogus\n.*one of .*value/s)
})
