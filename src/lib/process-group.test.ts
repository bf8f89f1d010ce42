import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { waitUntil } from '../../testing/wait-until.ts'
import { isGroupAlive, type ProcessRef, signalGroup, startGroup, stopGroup } from './process-group.ts'

test('stopping a group ends the children of the child too', async (t) => {
  const grandchild = `const { spawn } = require('child_process'); const c = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']); console.log(c.pid); setInterval(() => {}, 1e6)`
  const { ref, firstLine } = await started(t, grandchild)
  const pid = Number(await firstLine)

  await stopGroup(ref, { graceMs: 1_000 })

  assert.equal(isGroupAlive(ref), false)
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)])
  assert.match(String(stdout), /^(Z|$)/)
})

test('a child that ignores the request to end is killed after the grace', async (t) => {
  const { ref, firstLine } = await started(
    t,
    `process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1e6)`,
  )
  await firstLine

  await stopGroup(ref, { graceMs: 50 })

  assert.equal(isGroupAlive(ref), false)
})

test('a recycled pid is never signalled', async (t) => {
  const { ref, firstLine } = await started(t, `console.log('up'); setInterval(() => {}, 1e6)`)
  await firstLine
  const older: ProcessRef = { pid: ref.pid, started: `${ref.started}1` }

  const sent = signalGroup(older, 'SIGKILL')

  assert.equal(sent, false)
  assert.equal(isGroupAlive(ref), true)
})

test('a group lives on while one member does, also when its leader has ended', async (t) => {
  const code = `const { spawn } = require('child_process'); const c = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' }); console.log(c.pid); process.exit(0)`
  const { ref, child } = await started(t, code)
  await once(child, 'exit')

  const alive = isGroupAlive(ref)
  await stopGroup(ref, { graceMs: 1_000 })

  assert.equal(alive, true)
  assert.equal(isGroupAlive(ref), false)
})

test('a group that ended by itself is seen as ended, and its leader as gone', async (t) => {
  const { ref, child } = await started(t, '')
  await once(child, 'exit')

  await waitUntil(() => !isGroupAlive(ref), { what: 'the end of the group' })

  assert.equal(signalGroup(ref, 'SIGTERM'), false)
})

async function started(t: TestContext, code: string) {
  const confined = { argv: [process.execPath, '-e', code], cwd: '/', env: {} }
  const { child, ref } = await startGroup(confined, ['ignore', 'pipe', 'inherit'])
  t.after(() => stopGroup(ref, { graceMs: 0 }))
  assert.ok(child.stdout)
  const firstLine = once(child.stdout, 'data').then(([chunk]) => String(chunk))
  firstLine.catch(() => {})
  return { child, ref, firstLine }
}
