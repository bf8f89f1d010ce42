import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { callService, fairway, fairwayProgram, git, tokenOf } from '../../testing/cli.ts'
import { preparePlatform, type TestPlatform } from '../../testing/start-platform.ts'
import { waitUntil } from '../../testing/wait-until.ts'

const secretValue = 'canary-of-the-inner-loop-7f3a'
const shared = { what: 'the service', ms: 90_000 }

test('a service from a golden path runs from source: name, variables, change, signals, Ctrl-C and kill -9', {
  timeout: 600_000,
}, async (t) => {
  const platform = await tinyPlatform(t)
  const folder = await mkdtemp(join(tmpdir(), 'fairway-inner-loop-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const shop = join(folder, 'shop')
  await makeShop(platform, shop)

  await t.test('a dry run says command, variables and address, and starts nothing', async () => {
    const said = await fairway(platform, ['dev', shop, '--dry-run', '--json'])

    assert.equal(said.exit, 0, said.stderr)
    const plan = said.json<{
      command: string[]
      variables: { name: string; value: string }[]
      secrets: { from: string }[]
    }>()
    assert.deepEqual(plan.command, ['node', '--watch', 'server.js'])
    assert.equal(plan.variables.find(({ name }) => name === 'GREETING')?.value, 'hello')
    assert.deepEqual(
      plan.secrets.map(({ from }) => from),
      ['nowhere'],
    )
    assert.ok(!said.stdout.includes(secretValue))
    assert.equal((await callService(platform, { service: 'shop', environment: 'me' })).status, 404)
  })

  await t.test('it answers by its name, a saved file changes the answer, Ctrl-C ends everything', async () => {
    const running = await develop(t, platform, { folder: shop })
    assert.equal((await running.event('ready'))['address'], `http://shop.me.localhost:${platform.gatewayPort}`)
    const first = await answer(platform)
    assert.deepEqual([first['version'], first['GREETING'], first['FAIRWAY_ENVIRONMENT']], ['one', 'hello', 'me-dev'])
    assert.equal(first['PASSWORD'], undefined, 'nobody allowed secrets to leave')
    assert.equal(first['CANARY_OF_THE_SHELL'], undefined)

    await writeFile(join(shop, 'server.js'), server('two'))
    await waitUntil(async () => (await answer(platform))['version'] === 'two', { ...shared, what: 'the new answer' })
    assert.equal((await callService(platform, { service: 'shop', environment: 'me-dev' })).status, 200)
    const deployed = await callService(platform, { service: 'shop', environment: 'dev' })
    assert.equal(deployed.body, 'one', 'what is deployed stays')

    await waitUntil(async () => (await linesOf(platform, 'me')).some((text) => text.includes('asked for /')), {
      ...shared,
      what: 'log lines under the own name',
    })
    assert.ok(!(await linesOf(platform, 'dev')).some((text) => text.includes('asked for /')))
    await waitUntil(
      async () =>
        JSON.stringify(await apiGet(platform, '/api/v1/services/shop/traces?environment=me')).includes('GET /traced'),
      {
        ...shared,
        what: 'a trace under the own name',
      },
    )

    running.child.kill('SIGINT')
    assert.equal(await running.exit, 130)
    assert.equal((await callService(platform, { service: 'shop', environment: 'me' })).status, 404)
    await nothingRuns(shop)
  })

  await t.test('with devSecrets: allow the value is in its environment and nowhere else', async () => {
    await allowSecrets(platform, folder)
    const running = await develop(t, platform, { folder: shop })
    await running.event('ready')

    assert.equal((await answer(platform))['PASSWORD'], secretValue)

    await callService(platform, { service: 'shop', environment: 'me', path: '/say' })
    await waitUntil(() => running.output().includes('my password is'), { ...shared, what: 'the line' })
    assert.ok(!running.output().includes(secretValue), 'it is covered in the terminal')
    await waitUntil(async () => (await linesOf(platform, 'me')).some((text) => text.includes('my password is')), shared)
    assert.ok(!(await linesOf(platform, 'me')).some((text) => text.includes(secretValue)), 'and at the platform')
    assert.deepEqual(await argumentsWith(secretValue), [])
    assert.deepEqual(await filesWith(folder, secretValue), [])
    const records = JSON.stringify(await apiGet(platform, '/api/v1/audit?limit=100', 'auditor'))
    assert.match(records, /"dev\.start"/)
    assert.match(records, /"db\.password":1/)
    assert.ok(!records.includes(secretValue))
    running.child.kill('SIGTERM')
    assert.equal(await running.exit, 143)
  })

  await t.test(
    'a second of the same person is refused; after kill -9 nothing stays and the name is free again',
    async () => {
      const running = await develop(t, platform, { folder: shop })
      await running.event('ready')

      const second = await fairway(platform, ['dev', shop, '--json'])
      assert.deepEqual([second.exit, second.code], [6, 'DEV_RUNS_ALREADY'], second.stderr)
      assert.equal((await answer(platform))['version'], 'two', 'the first goes on')

      running.child.kill('SIGKILL')
      await running.exit
      await nothingRuns(shop)
      await waitUntil(
        async () => (await callService(platform, { service: 'shop', environment: 'me' })).status === 404,
        {
          ...shared,
          what: 'the lease to end',
        },
      )
    },
  )

  await t.test('another member has a name of their own while the first has the short one', async () => {
    const mine = await develop(t, platform, { folder: shop })
    await mine.event('ready')
    await fairway(platform, ['login', '--as', 'dev2'])
    await fairway(platform, ['login', '--as', 'dev'])

    const theirs = await develop(t, platform, { folder: shop, more: ['--as', 'dev2'] })

    assert.equal((await theirs.event('ready'))['address'], `http://shop.me-dev2.localhost:${platform.gatewayPort}`)
    const [short, own] = [await answer(platform), await answer(platform, 'me-dev2')]
    assert.deepEqual([short['FAIRWAY_ENVIRONMENT'], own['FAIRWAY_ENVIRONMENT']], ['me-dev', 'me-dev2'])
    for (const one of [mine, theirs]) one.child.kill('SIGINT')
    await Promise.all([mine.exit, theirs.exit])
  })

  await t.test('refusals say what to do', async () => {
    await fairway(platform, ['login', '--as', 'dev3'])
    await fairway(platform, ['login', '--as', 'platform'])
    await fairway(platform, ['login', '--as', 'dev'])
    const code = async (argv: string[], env = {}) => {
      const { exit, code: found } = await fairway(platform, ['dev', ...argv], { env })
      return [exit, found]
    }
    assert.deepEqual(await code([shop, '--as', 'dev3']), [4, 'NOT_ALLOWED'])
    assert.deepEqual(await code([shop, '--as', 'platform']), [4, 'NOT_ALLOWED'])
    assert.deepEqual(await code([folder]), [2, 'USAGE'])
    assert.deepEqual(await code([shop, '--server', 'http://127.0.0.1:9'], { FAIRWAY_TOKEN: 'x' }), [
      7,
      'SERVER_UNREACHABLE',
    ])
    assert.deepEqual(await code([shop, '--port', '80']), [2, 'USAGE'])
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    assert.deepEqual(await code([shop, '--port', String((other.address() as AddressInfo).port)]), [6, 'PORT_TAKEN'])
    other.close()
    await writeFile(join(shop, '.env.local'), 'PASSWORD=of-my-own\n')
    assert.deepEqual(await code([shop, '--dry-run']), [2, 'DEV_FILE_EXPOSED'])
    await writeFile(join(shop, '.gitignore'), '.env.local\n')
    const { secrets } = (await fairway(platform, ['dev', shop, '--dry-run', '--json'])).json<{ secrets: unknown }>()
    assert.deepEqual(secrets, [{ variable: 'PASSWORD', secret: 'db.password', from: 'file' }])
    const pipeline = join(shop, '.fairway/pipeline.yaml')
    const text = await readFile(pipeline, 'utf8')
    await writeFile(pipeline, text.replace(/^ {2}dev:\n.*\n/m, ''))
    assert.deepEqual(await code([shop]), [2, 'DEV_COMMAND_MISSING'])
    await writeFile(pipeline, text.replace('[node, --watch, server.js]', '[node, -e, "throw new Error(`broken`)"]'))
    const failed = await fairway(platform, ['dev', shop])
    assert.deepEqual([failed.exit, failed.code], [1, 'DEV_COMMAND_FAILED'])
    await writeFile(pipeline, text)
  })
})

interface Running {
  readonly child: ChildProcess
  readonly exit: Promise<number | null>
  output(): string
  event(name: string): Promise<Record<string, unknown>>
}

async function develop(
  t: TestContext,
  platform: TestPlatform,
  { folder, more = [] }: { folder: string; more?: string[] },
): Promise<Running> {
  const env = { ...platform.env, CANARY_OF_THE_SHELL: 'must not reach the service' }
  const child = spawn(fairwayProgram, ['dev', folder, '--json', ...more], {
    cwd: '/',
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += String(text)))
  const exit = once(child, 'exit').then(([code]) => code as number | null)
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
    await exit
  })
  const events = () =>
    said
      .split('\n')
      .flatMap((line) =>
        line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line) as Record<string, unknown>] : [],
      )
  return {
    child,
    exit,
    output: () => said,
    event: (name) =>
      waitUntil(
        () => {
          if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said}`)
          return events().find(({ event }) => event === name)
        },
        { ...shared, what: `${name}` },
      ),
  }
}

async function makeShop(platform: TestPlatform, shop: string): Promise<void> {
  for (const name of ['platform2', 'platform', 'dev'])
    assert.equal((await fairway(platform, ['login', '--as', name])).exit, 0)
  const create = ['new', '--template', 'tiny', '--name', 'shop', '--owner', 'team-a', '--wait']
  const made = await fairway(platform, create)
  assert.equal(made.exit, 0, made.stderr)
  assert.equal((await fairway(platform, ['clone', 'shop', shop])).exit, 0)
  await setSecret(platform)
  const score = await readFile(join(shop, 'score.yaml'), 'utf8')
  const asking = score.replace('GREETING: hello', 'GREETING: hello\n      PASSWORD: ${resources.db.password}')
  await writeFile(join(shop, 'score.yaml'), `${asking}resources:\n  db:\n    type: secret\n`)
  await writeFile(join(shop, 'server.js'), server('one'))
}

/** The platform as `npm start` has it, with the tiny golden path. */
async function tinyPlatform(t: TestContext): Promise<TestPlatform> {
  const platform = await preparePlatform([join(import.meta.dirname, '../proofs/crash-grid/control-plane.ts')])
  t.after(() => platform.remove())
  await platform.start()
  return platform
}

/** Says its variables, its secret in a log line, and one span. */
function server(version: string): string {
  return `
import { createServer } from 'node:http'
const [header, token] = decodeURIComponent(process.env.OTEL_EXPORTER_OTLP_HEADERS ?? '=').split(/=(.*)/s)
const now = String(BigInt(Date.now()) * 1000000n)
const span = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), name: 'GET /traced', kind: 2, startTimeUnixNano: now, endTimeUnixNano: now }
fetch(process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/traces', {
  method: 'POST',
  headers: { 'content-type': 'application/json', [header]: token },
  body: JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ scope: {}, spans: [span] }] }] }),
}).catch(() => {})
createServer((request, reply) => {
  console.log(JSON.stringify({ level: 'info', msg: 'asked for ' + request.url }))
  if (request.url === '/say') console.log('my password is ' + process.env.PASSWORD)
  reply.end(JSON.stringify({ version: '${version}', ...process.env }))
}).listen(Number(process.env.PORT), process.env.HOST)
`
}

async function answer(platform: TestPlatform, environment = 'me'): Promise<Record<string, string>> {
  const { status, body } = await callService(platform, { service: 'shop', environment })
  assert.equal(status, 200, body)
  return JSON.parse(body) as Record<string, string>
}

async function linesOf(platform: TestPlatform, environment: string): Promise<string[]> {
  const { items } = (await apiGet(platform, `/api/v1/services/shop/logs?environment=${environment}&limit=1000`)) as {
    items: { text: string }[]
  }
  return items.map(({ text }) => text)
}

async function apiGet(platform: TestPlatform, path: string, user = 'dev'): Promise<unknown> {
  const reply = await fetch(`${platform.url}${path}`, {
    headers: { authorization: `Bearer ${await tokenOf(platform, user)}` },
  })
  assert.equal(reply.status, 200, path)
  return reply.json()
}

async function setSecret(platform: TestPlatform): Promise<void> {
  const reply = await fetch(`${platform.url}/api/v1/services/shop/secrets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await tokenOf(platform, 'dev')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ environment: 'dev', name: 'db.password', value: secretValue }),
  })
  assert.equal(reply.status, 201)
}

/** One reviewed change of environments/dev.yaml. */
async function allowSecrets(platform: TestPlatform, folder: string): Promise<void> {
  const clone = join(folder, 'platform')
  assert.equal((await fairway(platform, ['clone', 'fairway/platform', clone, '--as', 'platform'])).exit, 0)
  const file = join(clone, 'environments/dev.yaml')
  await writeFile(file, (await readFile(file, 'utf8')).replace('  order: 1\n', '  order: 1\n  devSecrets: allow\n'))
  await git(platform, clone, 'checkout', '--quiet', '-b', 'lend')
  await git(platform, clone, 'commit', '--quiet', '-am', 'Values of dev may leave for developers')
  const pushed = await git(platform, clone, 'push', '--quiet', 'origin', 'lend')
  assert.equal(pushed.exit, 0, pushed.stderr)
  const about = ['--repo', 'fairway/platform', '--branch', 'lend', '--title', 'Lend secrets of dev']
  const opened = await fairway(platform, ['change', 'open', ...about, '--as', 'platform', '--quiet'])
  const id = opened.stdout.trim()
  const approved = await fairway(platform, ['change', 'approve', id, '--as', 'platform2'])
  assert.equal(approved.exit, 0, `${opened.stderr} ${approved.stderr}`)
  await waitUntil(async () => (await fairway(platform, ['change', 'merge', id, '--as', 'platform2'])).exit === 0, {
    ...shared,
    what: 'the change to merge',
    everyMs: 500,
  })
}

/** No process has the folder as its working folder (Linux). */
async function nothingRuns(folder: string): Promise<void> {
  await waitUntil(
    async () => {
      const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
      const places = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')))
      return !places.some((place) => place.startsWith(folder))
    },
    { ...shared, what: 'nothing of the service to run' },
  )
}

async function argumentsWith(text: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const all = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return all.filter((argv) => argv.includes(text))
}

async function filesWith(folder: string, text: string): Promise<string[]> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const all = await Promise.all(
    entries.map(
      async (entry) =>
        [entry.name, await readFile(join(entry.parentPath, entry.name)).catch(() => Buffer.alloc(0))] as const,
    ),
  )
  return all.filter(([, bytes]) => bytes.includes(text)).map(([name]) => name)
}
