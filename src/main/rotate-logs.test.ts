import assert from 'node:assert/strict'
import { mkdtemp, open, readFile, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { rotateLogs } from './rotate-logs.ts'

test('a log over the limit is moved aside with its rights, and its writer goes on in the emptied file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-logs-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'agent.log')
  const writer = await open(path, 'a', 0o600)
  t.after(() => writer.close())
  await writer.write(`${'old'.repeat(10)}\n`)

  await rotateLogs(folder, 20)
  await writer.write('new\n')
  await rotateLogs(folder, 20)

  assert.equal(await readFile(path, 'utf8'), 'new\n')
  assert.equal(await readFile(`${path}.1`, 'utf8'), `${'old'.repeat(10)}\n`)
  assert.equal((await stat(`${path}.1`)).mode & 0o777, 0o600)
  assert.deepEqual((await readdir(folder)).sort(), ['agent.log', 'agent.log.1'])
})
