import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { commandTable } from '#cli/command-table.ts'
import { startTestControlPlane } from '../../testing/control-plane.ts'
import { isOlder } from './client-version.ts'
import { productVersion } from './version.ts'

const plane = await startTestControlPlane({ after })
const home = await mkdtemp(join(tmpdir(), 'fairway-cli-'))
after(() => rm(home, { recursive: true, force: true }))
const program = join(import.meta.dirname, 'cli.ts')
const env = {
  PATH: process.env.PATH,
  HOME: home,
  XDG_CONFIG_HOME: join(home, 'config'),
  FAIRWAY_DATA: plane.dataFolder,
  FAIRWAY_SERVER: plane.url,
  CI: 'true',
}

test('who is not signed in gets exit 4, the line to type, and the error as JSON when asked', async () => {
  const plain = await fairway(['status', 'shop'])
  const json = await fairway(['catalog', 'list', '--json'])

  assert.equal(plain.exit, 4)
  assert.match(plain.stderr, /^NOT_SIGNED_IN: .*\n {2}fairway login --as/)
  assert.equal(plain.stdout, '')
  assert.equal(json.exit, 4)
  assert.equal(JSON.parse(json.stdout).error.code, 'NOT_SIGNED_IN')
})

test('signing in keeps the token in a file that only the user reads; --as changes person, logout forgets', async () => {
  assert.equal((await fairway(['login', '--as', 'dev2'])).exit, 0)
  assert.equal((await fairway(['login', '--as', 'sec'])).exit, 0)
  const { mode } = await stat(join(home, 'config/fairway/sessions.json'))

  assert.equal(mode & 0o777, 0o600)
  assert.match((await fairway(['whoami'])).stdout, /^sec /)
  assert.match((await fairway(['whoami', '--as', 'dev2'])).stdout, /^dev2 /)
  assert.equal((await fairway(['logout'])).exit, 0)
  assert.match((await fairway(['whoami'])).stdout, /^dev2 /)
  assert.equal((await fairway(['whoami', '--as', 'sec'])).exit, 4)
  assert.equal((await fairway(['login', '--as', 'nobody'])).exit, 4)
})

test('the session is had for FAIRWAY_TOKEN, and nothing is printed for somebody who is not signed in', async () => {
  assert.equal((await fairway(['login', '--as', 'dev2'])).exit, 0)
  const { stdout } = await fairway(['auth', 'token'])

  assert.match((await fairway(['whoami'], { FAIRWAY_TOKEN: stdout.trim() })).stdout, /^dev2 /)
  const nobody = await fairway(['auth', 'token', '--as', 'nobody'])
  assert.deepEqual([nobody.exit, nobody.stdout], [4, ''])
})

test('several servers: where one signed in by address commands go, until one switches; status says what holds where', async () => {
  const other = plane.url.replace('localhost', '127.0.0.1')
  const FAIRWAY_SERVER = ''
  await fairway(['login', '--as', 'dev2'])
  await fairway(['login', '--as', 'dev'])
  assert.equal((await fairway(['login', '--server', other, '--as', 'sec'], { FAIRWAY_SERVER })).exit, 0)
  const there = await fairway(['whoami'], { FAIRWAY_SERVER })
  const explained = await fairway(['config', 'explain', 'server'], { FAIRWAY_SERVER })
  const status = await fairway(['auth', 'status', '--json'], { FAIRWAY_SERVER })
  const table = await fairway(['auth', 'status'], { FAIRWAY_SERVER })
  const unknown = await fairway(['auth', 'switch', 'http://127.0.0.1:1'], { FAIRWAY_SERVER })
  const back = await fairway(['auth', 'switch', `${plane.url}/`, '--as', 'dev2'], { FAIRWAY_SERVER })

  assert.match(there.stdout, new RegExp(`^sec .* on ${other}\\n`))
  assert.match(explained.stdout, /127\.0\.0\.1.*\(fairway auth switch\)/)
  const [here, away] = JSON.parse(status.stdout) as { people: object[] }[]
  assert.deepEqual(
    { ...here, people: here?.people.length },
    { server: plane.url, isCurrent: false, version: productVersion, people: 2 },
  )
  assert.deepEqual(away, {
    server: other,
    isCurrent: true,
    version: productVersion,
    people: [{ name: 'sec', isCurrent: true, state: 'holds' }],
  })
  const { servers } = JSON.parse(await readFile(join(home, 'config/fairway/sessions.json'), 'utf8'))
  for (const { people } of Object.values(servers) as { people: Record<string, string> }[])
    for (const token of Object.values(people)) assert.ok(!(status.stdout + table.stdout).includes(token))
  assert.equal(unknown.exit, 4)
  assert.match(unknown.stderr, /fairway login --server http:\/\/127\.0\.0\.1:1 --as NAME/)
  assert.equal(back.exit, 0)
  assert.match((await fairway(['whoami'], { FAIRWAY_SERVER })).stdout, /^dev2 .* on http:\/\/localhost/)
})

test('a command line that is too old is refused before anything is done; nobody else is asked for a version', async () => {
  const ask = (headers: Record<string, string>) => fetch(`${plane.url}/api/v1/sign-in`, { headers })
  const old = await ask({ 'fairway-client': 'cli/0.0.9' })
  const others = await Promise.all([
    ask({}),
    ask({ 'fairway-client': `cli/${productVersion}` }),
    ask({ 'fairway-client': 'x' }),
  ])

  assert.equal(old.status, 426)
  assert.equal(((await old.json()) as { code: string }).code, 'CLIENT_TOO_OLD')
  for (const { status, headers } of others)
    assert.deepEqual([status, headers.get('fairway-version')], [200, productVersion])
  assert.deepEqual(
    [isOlder('0.9.0', '0.10.0'), isOlder('1.0.0', '0.10.0'), isOlder('0.1.0', '0.1.0')],
    [true, false, false],
  )
})

test('wrong usage ends with 2: unknown commands and options, missing arguments, a noun alone', async () => {
  const unknown = await fairway(['statsu'])
  assert.match(unknown.stderr, /Did you mean status/)
  const noun = await fairway(['run'])
  assert.match(noun.stdout + noun.stderr, /watch/)
  const wrong = [
    ['status', 'shop', '--nonsense'],
    ['clone'],
    ['promote', 'shop'],
    ['run', 'nonsense'],
    ['completion', 'tcsh'],
  ]
  assert.match((await fairway(['run', 'wach'])).stderr, /Did you mean watch.*\n {2}fairway run --help/)
  for (const result of [unknown, noun, ...(await Promise.all(wrong.map((argv) => fairway(argv))))])
    assert.equal(result.exit, 2, result.stderr)
})

test('a refusal keeps its exit code: not there 5, not allowed 4, wrong input 2, no server 7', async () => {
  const [dev, auditor] = [await plane.tokenOf('dev'), await plane.tokenOf('auditor')]
  const as = (FAIRWAY_TOKEN: string, argv: string[]) => fairway(argv, { FAIRWAY_TOKEN })
  const create = ['new', '--template', 'http-api', '--name', 'shop', '--owner', 'team-a']

  assert.equal((await as(dev, ['status', 'absent'])).exit, 5)
  assert.equal((await as(dev, ['run', 'show', 'absent'])).exit, 5)
  assert.equal((await as(auditor, create)).exit, 4)
  assert.equal((await as(dev, ['new', '--template', 'http-api', '--name', 'No_Name', '--owner', 'team-a'])).exit, 2)
  const away = await as(dev, ['status', 'shop', '--server', 'http://127.0.0.1:1', '--json'])
  assert.equal(away.exit, 7)
  assert.equal(JSON.parse(away.stdout).error.code, 'SERVER_UNREACHABLE')
})

test('a pipe gets tab-separated lines without colour; JSON is whole or as asked', async () => {
  const FAIRWAY_TOKEN = await plane.tokenOf('dev')
  const plain = await fairway(['env', 'list'], { FAIRWAY_TOKEN })
  const all = JSON.parse((await fairway(['whoami', '--json'], { FAIRWAY_TOKEN })).stdout)
  const some = JSON.parse((await fairway(['whoami', '--json=actions'], { FAIRWAY_TOKEN })).stdout)

  assert.match(plain.stdout, /^[^\t\n]+\t.*\n/)
  assert.ok(!plain.stdout.includes('\u001b'))
  assert.deepEqual(Object.keys(all).toSorted(), ['actions', 'person'])
  assert.deepEqual(some, { actions: all.actions })
})

test('a list whose page is full says how it goes on, beside JSON too, and its pages hold everything once', async () => {
  const FAIRWAY_TOKEN = await plane.tokenOf('dev')
  const list = (...argv: string[]) => fairway(['catalog', 'list', '--json=ref', ...argv], { FAIRWAY_TOKEN })
  const whole = await list('--limit', '200')
  assert.ok(!whole.stderr.includes('page is full'))

  const shown: unknown[] = []
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page = await list('--limit', '7', ...(after === '' ? [] : ['--after', after]))
    shown.push(...JSON.parse(page.stdout))
    after = /the page is full; what follows: the same line with --after (\S+)/.exec(page.stderr)?.[1]
  }

  assert.ok(shown.length > 7)
  assert.deepEqual(shown, JSON.parse(whole.stdout))
  assert.equal((await list('--limit', '201')).exit, 2)
})

test('help lists every field that --json may name; another one is refused before anything is done', async () => {
  const FAIRWAY_TOKEN = await plane.tokenOf('dev')
  const { stdout } = await fairway(['promote', '--help'])
  const refused = await fairway(['promote', 'absent', '--to', 'staging', '--json', 'run,rnu'], { FAIRWAY_TOKEN })

  assert.match(stdout, /Fields of --json:\n {2}run, preview, service\n/)
  assert.equal(refused.exit, 2)
  assert.deepEqual(JSON.parse(refused.stdout).error, {
    code: 'USAGE',
    detail: 'there is no field rnu',
    hint: 'one of run, preview, service',
  })
})

test('only commands whose output is no answer have no --json', async () => {
  const loaded = await Promise.all(commandTable.map(async ({ words, load }) => ({ words, spec: await load() })))
  const without = loaded.filter(({ spec }) => spec.fields.length === 0).map(({ words }) => words)

  assert.deepEqual(without, ['up', 'api', 'git-credential', 'complete', 'completion'])
  assert.equal((await fairway(['completion', 'bash', '--json'])).exit, 2)
})

test('--verbose tells each request and its id on standard error, and no secret', async () => {
  const FAIRWAY_TOKEN = await plane.tokenOf('dev')
  const { stdout, stderr } = await fairway(['whoami', '--verbose', '--json'], { FAIRWAY_TOKEN })

  assert.match(stderr, /^> GET http:.*\/api\/v1\/me\n< 200 in \d+ ms, request [0-9a-f-]{36}\n$/)
  assert.ok(!stderr.includes(FAIRWAY_TOKEN))
  assert.equal(JSON.parse(stdout).person.name, 'dev')
})

test('what a server sends cannot move the cursor or forge a link, in answers and in errors', async (t) => {
  const evil = '\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007\u001b[2J\u0007\u009b31m'
  const server = createServer((request, reply) => {
    const problem = { code: 'NOT_FOUND', detail: evil, hint: evil }
    reply.setHeader('content-type', 'application/json')
    if (request.url === '/api/v1/me') reply.writeHead(404).end(JSON.stringify(problem))
    else reply.end(JSON.stringify({ items: [{ name: evil, title: evil, owner: evil, usedBy: 1 }] }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const there = { FAIRWAY_TOKEN: 'x', FAIRWAY_SERVER: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }

  const results = [
    await fairway(['whoami'], there),
    await fairway(['template', 'list'], there),
    await fairway(['template', 'list'], { ...there, CLICOLOR_FORCE: '1' }),
    await fairway(['api', 'GET', '/x'], there),
  ]

  // oxlint-disable-next-line no-control-regex
  for (const { stdout, stderr } of results) assert.doesNotMatch(stdout + stderr, /\u0007|\u009b|\u001b(?!\[\d+m)/)
})

test('git gets a credential for this server only', async () => {
  await fairway(['login', '--as', 'dev'])
  const ask = (host: string, protocol = 'http') =>
    fairway(['git-credential', 'get', '--as', 'dev'], {}, `protocol=${protocol}\nhost=${host}\n\n`)

  const ours = await ask(`localhost:${plane.port}`)

  assert.match(ours.stdout, /^username=dev\npassword=fws_/)
  for (const [host, protocol] of [['evil.example'], ['localhost'], [`localhost:${plane.port}`, 'https']] as const)
    assert.deepEqual(await ask(host, protocol), { exit: 0, stdout: '', stderr: '' })
})

test('a clone knows its credential, its author, and pushes nothing it may not', async () => {
  await fairway(['login', '--as', 'dev'])
  const target = join(home, 'a folder with spaces')

  const cloned = await fairway(['clone', 'fairway/platform', target])

  assert.equal(cloned.exit, 0, cloned.stderr)
  const config = await readFile(join(target, '.git/config'), 'utf8')
  assert.match(config, /git-credential --server/)
  assert.doesNotMatch(config, /fws_/)
})

test('config explain says where a setting comes from', async () => {
  const given = await fairway(['config', 'explain', 'server', '--json'])
  const usual = await fairway(['config', 'explain', 'gateway-port', '--json'])
  const flag = await fairway(['config', 'explain', 'server', '--server', 'http://localhost:1', '--json'])
  const unknown = await fairway(['config', 'explain', 'nonsense'])

  assert.deepEqual(JSON.parse(given.stdout), { key: 'server', value: plane.url, from: 'FAIRWAY_SERVER' })
  assert.deepEqual(JSON.parse(usual.stdout), { key: 'gateway-port', value: '7080', from: 'default' })
  assert.deepEqual(JSON.parse(flag.stdout), { key: 'server', value: 'http://localhost:1', from: '--server' })
  assert.equal(unknown.exit, 2)
})

interface Result {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

function fairway(argv: readonly string[], more: NodeJS.ProcessEnv = {}, input = ''): Promise<Result> {
  return new Promise((resolve) => {
    const options = { cwd: home, env: { ...env, ...more }, timeout: 60_000 }
    const child = execFile(process.execPath, [program, ...argv], options, (error, stdout, stderr) => {
      resolve({ exit: error ? Number(error.code ?? -1) : 0, stdout, stderr })
    })
    child.stdin?.end(input)
  })
}
