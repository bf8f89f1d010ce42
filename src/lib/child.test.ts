import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ChildLimits, runChild } from './child.ts'
import { isGroupAlive, type ProcessRef } from './process-group.ts'

test('a child that ends by itself gives its exit code and every line', async () => {
  const { end, lines } = await run(
    `console.log('one\\ntwo'); process.stdout.write('three'); console.error('bad'); process.exitCode = 3`,
  )

  assert.deepEqual([end.by, end.code], ['exit', 3])
  assert.deepEqual(lines.toSorted(), ['stderr bad', 'stdout one', 'stdout three', 'stdout two'])
})

test('a child that takes too long is ended with everything it started', async () => {
  const { end, ref } = await run(
    `require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'inherit' }); setInterval(() => {}, 1e6)`,
    { timeoutMs: 300 },
  )

  assert.equal(end.by, 'timeout')
  assert.equal(ref && isGroupAlive(ref), false)
})

test('a child that talks without end is ended, and nothing it says is kept without bound', async () => {
  const { end, lines } = await run(`const line = 'x'.repeat(100_000); for (;;) require('fs').writeSync(1, line)`, {
    maxOutput: 1_000_000,
  })

  assert.equal(end.by, 'output')
  assert.ok(lines.join('').length < 10_000)
})

test('what a child leaves running does not outlive it and does not delay its end', async () => {
  const { end, ref } = await run(
    `require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'inherit' }).unref(); process.exit(0)`,
  )

  assert.deepEqual([end.by, end.code], ['exit', 0])
  assert.ok(end.seconds < 5)
  assert.equal(ref && isGroupAlive(ref), false)
})

test('a caller that gives up ends the child', async () => {
  const { end } = await run('setInterval(() => {}, 1e6)', { signal: AbortSignal.timeout(200) })

  assert.equal(end.by, 'abort')
})

test('a program that does not exist is an error that names it', async () => {
  const confined = { argv: ['/nonexistent/tool'], cwd: '/', env: {} }

  const running = runChild(confined, { timeoutMs: 1_000, maxOutput: 1_000 }, { onLine: () => {} })

  await assert.rejects(running, { code: 'STEP_FAILED', message: 'could not start /nonexistent/tool' })
})

async function run(code: string, changes: Partial<ChildLimits> = {}) {
  const lines: string[] = []
  let ref: ProcessRef | undefined
  const end = await runChild(
    { argv: [process.execPath, '-e', code], cwd: '/', env: {} },
    { timeoutMs: 20_000, maxOutput: 1_000_000, graceMs: 200, ...changes },
    {
      onStart: (started) => {
        ref = started
      },
      onLine: (text, stream) => lines.push(`${stream} ${text}`),
    },
  )
  return { end, lines, ref }
}
