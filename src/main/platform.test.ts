import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, type TestContext, test } from 'node:test'
import { findEmbeddedPostgres } from '#store/embedded-postgres.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import { findAgent } from './agent-process.ts'
import { readInstance } from './instance-lock.ts'
import { stopPlatform } from './stop.ts'

describe('the platform on one machine', { concurrency: 3 }, () => {
  test('a second start on a live data folder names the process and its address, and changes nothing', async (t) => {
    const data = await dataFolder(t)
    const first = await start(t, data)
    const second = await start(t, data)

    assert.match(second.output(), new RegExp(`process ${first.child.pid} runs Fairway on .* at ${first.url}`))
    assert.equal(await (await fetch(first.url)).text(), 'here')
  })

  test('after kill -9 of the control plane the next start adopts database and agent', async (t) => {
    const data = await dataFolder(t)
    const first = await start(t, data)
    const before = await engines(data)
    first.child.kill('SIGKILL')
    await once(first.child, 'close')

    const second = await start(t, data)

    assert.match(second.url, /^http/)
    assert.deepEqual(await engines(data), before)
  })

  test('after kill -9 of everything the next start begins anew', async (t) => {
    const data = await dataFolder(t)
    const first = await start(t, data)
    const before = await engines(data)
    first.child.kill('SIGKILL')
    await once(first.child, 'close')
    for (const pid of Object.values(before)) process.kill(pid ?? 0, 'SIGKILL')

    const second = await start(t, data)

    assert.match(second.url, /^http/)
    assert.notDeepEqual(await engines(data), before)
  })

  test('an agent that dies under a living platform is started again', async (t) => {
    const data = await dataFolder(t)
    await start(t, data)
    const { agent } = await engines(data)
    process.kill(agent ?? 0, 'SIGKILL')

    const next = await waitUntil(
      async () => {
        const now = (await engines(data)).agent
        return now !== agent ? now : undefined
      },
      { what: 'another agent to run', ms: 20_000 },
    )

    assert.notEqual(next, agent)
  })

  test('SIGTERM stops control plane, agent and database, and lets go of the folder', async (t) => {
    const data = await dataFolder(t)
    const { child } = await start(t, data)
    child.kill('SIGTERM')
    await once(child, 'close')

    assert.deepEqual(await engines(data), { agent: undefined, postgres: undefined })
    assert.equal(readInstance(data), undefined)
  })

  test('a database that is killed under the platform comes back on the same port', async (t) => {
    const data = await dataFolder(t)
    await start(t, data)
    const before = await findEmbeddedPostgres(join(data, 'postgres'))
    process.kill(before?.pid ?? 0, 'SIGKILL')

    const after = await waitUntil(
      async () => {
        const found = await findEmbeddedPostgres(join(data, 'postgres'))
        return found && found.pid !== before?.pid ? found : undefined
      },
      { what: 'another server', ms: 20_000 },
    )

    assert.equal(after.port, before?.port)
  })

  test('down ends a platform whose control plane was killed, and may be repeated', async (t) => {
    const data = await dataFolder(t)
    const { child } = await start(t, data)
    child.kill('SIGKILL')
    await once(child, 'close')

    const ended = await stopPlatform(data)

    assert.deepEqual([ended.length, await stopPlatform(data)], [2, []])
    assert.deepEqual(await engines(data), { agent: undefined, postgres: undefined })
  })

  test('a taken port is refused before anything starts, with the process that has it', async (t) => {
    const data = await dataFolder(t)
    const squatter = createServer().listen(0, '127.0.0.1')
    await once(squatter, 'listening')
    t.after(() => squatter.close())
    const { port } = squatter.address() as { port: number }

    const refused = await start(t, data, port)

    assert.match(refused.output(), new RegExp(`port ${port} is taken by`))
    if (process.platform === 'linux') assert.match(refused.output(), new RegExp(`process ${process.pid} \\(`))
    assert.deepEqual(await engines(data), { agent: undefined, postgres: undefined })
  })

  test('other users cannot enter the data folder', async (t) => {
    const data = await dataFolder(t)
    await start(t, data)

    assert.equal((await stat(data)).mode & 0o007, 0)
  })
})

async function engines(data: string) {
  const [agent, postgres] = await Promise.all([findAgent(data), findEmbeddedPostgres(join(data, 'postgres'))])
  return { agent: agent?.ref.pid, postgres: postgres?.pid }
}

async function start(t: TestContext, data: string, port = 0) {
  const program = join(import.meta.dirname, '../../testing/platform-process.ts')
  const child: ChildProcess = spawn(process.execPath, [program, '--data', data, '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  let url = ''
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', (line) => {
      output += `${line}\n`
      url ||= /^ready (.*)/.exec(line)?.[1] ?? ''
    })
  }
  await waitUntil(() => url || child.exitCode !== null, { what: `a platform in ${data}`, ms: 60_000 })
  return { child, url, output: () => output }
}

async function dataFolder(t: TestContext): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'fairway-data-'))
  await chmod(parent, 0o755)
  const data = join(parent, 'data')
  t.after(async () => {
    await stopPlatform(data)
    await rm(parent, { recursive: true, force: true })
  })
  return data
}
