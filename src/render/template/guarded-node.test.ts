import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { guardedNode } from './guarded-node.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('../../../testing/hostile/break-out.mjs', import.meta.url))

test('code that got loose in the guarded process finds no environment, file, process or thread', async (t) => {
  const { tried } = await breakOut(t)

  assert.match(String(tried['environment']), /^\{("PWD":"\/")?\}$/) // bubblewrap says where it starts
  const refused = Object.keys(tried).filter((name) => name !== 'environment' && name !== 'network')
  assert.ok(refused.length >= 8)
  for (const name of refused) assert.match(String(tried[name]), /^refused: /, name)
})

test('it reaches no network where bubblewrap works', async (t) => {
  const { tried, isCutOff, calls } = await breakOut(t)
  if (!isCutOff) return t.skip('bubblewrap does not work on this machine: only the template language has no network')

  assert.match(String(tried['network']), /^refused: /)
  assert.equal(calls, 0)
})

async function breakOut(t: TestContext) {
  let calls = 0
  const server = createServer((_request, reply) => {
    calls += 1
    reply.end('reached')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { argv, isCutOff } = guardedNode({ script, readable: [script], heapMb: 256 })
  const [program, ...args] = argv
  const port = String((server.address() as AddressInfo).port)
  const { stdout } = await run(program, [...args, port], { env: {}, cwd: '/', timeout: 30_000 })
  return { tried: JSON.parse(stdout) as Record<string, string>, isCutOff, calls }
}
