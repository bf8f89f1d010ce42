import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { waitUntil } from '../../testing/wait-until.ts'
import { type ConfineRequest, confine, detectIsolation, type Isolation, identityFor } from './isolation.ts'
import { isGroupAlive, type ProcessRef } from './process-group.ts'
import { openToolchain, openWorkRoot } from './work-root.ts'

const run = promisify(execFile)
const root = process.getuid?.() === 0
const kinds: readonly { name: string; path: string }[] = [
  { name: 'what this machine has', path: process.env.PATH ?? '' },
  { name: 'bwrap hidden', path: '/nonexistent' },
]

for (const { name, path } of kinds) {
  test(`a child sees its own environment and nothing of ours (${name})`, async (t) => {
    const place = await placeFor(t, path)

    const told = await place.node('console.log(JSON.stringify(process.env))', { env: { PLAIN: 'yes' } })

    const { PWD, ...rest } = JSON.parse(told)
    assert.deepEqual(rest, { PLAIN: 'yes' })
    assert.ok(PWD === undefined || PWD === place.own, 'bwrap tells the child its own folder, and nothing else')
  })

  test(`a child writes its own folder and cannot change a readable one (${name})`, async (t) => {
    const place = await placeFor(t, path)
    if (place.isolation.kind === 'none') return t.skip(place.isolation.reason)

    const told = await place.node(
      `const fs = require('fs'); fs.writeFileSync('own', 'x');
       let refused; try { fs.writeFileSync('${place.shared}/poison', 'x') } catch (error) { refused = error.code }
       console.log(refused)`,
    )

    assert.match(told, /EACCES|EROFS/)
    assert.equal(await readFile(join(place.own, 'own'), 'utf8'), 'x')
  })

  test(`a child cannot read the platform's data folder (${name})`, async (t) => {
    const place = await placeFor(t, path)
    if (place.isolation.kind === 'none') return t.skip(place.isolation.reason)

    const told = await place.node(
      `try { console.log(require('fs').readFileSync('${place.data}/login-key', 'utf8')) } catch (error) { console.log(error.code) }`,
    )

    assert.match(told, /^(EACCES|ENOENT)\n$/)
  })

  test(`loopback works in a child, with and without network (${name})`, async (t) => {
    const place = await placeFor(t, path)
    const code = `const http = require('http'); const server = http.createServer((q, a) => a.end('hello'));
      server.listen(0, '127.0.0.1', () => http.get({ port: server.address().port, host: '127.0.0.1' }, (a) => a.on('data', (d) => { console.log(String(d)); server.close() })))`

    const answers = [await place.node(code, { network: false }), await place.node(code, { network: true })]

    assert.deepEqual(answers, ['hello\n', 'hello\n'])
  })
}

test('two children of different names run as different users that the platform never is', {
  skip: !root,
}, async (t) => {
  const place = await placeFor(t, '/nonexistent')

  const shop = identityFor(place.isolation, 'dev/shop')
  const cart = identityFor(place.isolation, 'dev/cart')

  assert.equal(place.isolation.kind, 'user')
  assert.notEqual(shop.uid, cart.uid)
  assert.deepEqual(identityFor(place.isolation, 'dev/shop'), shop)
  assert.equal(Number(await place.node('console.log(process.getuid())', { as: 'dev/shop' })), shop.uid)
})

test('two platforms of one machine give the same name, and the same slot, other users', { skip: !root }, async () => {
  const [one, other] = [await detectIsolation({ place: '/data/one' }), await detectIsolation({ place: '/data/other' })]

  for (const name of ['dev/shop', 0]) assert.notDeepEqual(identityFor(one, name), identityFor(other, name))
  assert.deepEqual(identityFor(one, 0), identityFor(await detectIsolation({ place: '/data/one' }), 0))
})

test('in the sandbox the folders that were not listed do not exist', async (t) => {
  const place = await placeFor(t, process.env.PATH ?? '')
  if (place.isolation.kind !== 'sandbox') return t.skip(place.isolation.reason)

  const told = await place.node(`console.log(JSON.stringify([require('fs').readdirSync('/'), process.pid]))`)

  const [names, pid] = JSON.parse(told) as [string[], number]
  assert.deepEqual(
    ['boot', 'root', 'srv'].filter((name) => names.includes(name)),
    [],
  )
  assert.ok(pid < 10, 'the child has a process namespace of its own')
})

test('a child that is to die with us does so after kill -9, in the sandbox', async (t) => {
  const place = await placeFor(t, process.env.PATH ?? '')
  if (place.isolation.kind !== 'sandbox') return t.skip(place.isolation.reason)
  const code = `import { confine, detectIsolation } from ${JSON.stringify(import.meta.resolve('./isolation.ts'))}
    import { startGroup } from ${JSON.stringify(import.meta.resolve('./process-group.ts'))}
    const argv = [process.argv[1], '-e', 'setInterval(() => {}, 1e6); console.log(1)']
    const request = { argv, cwd: '/', env: {}, writable: [], readable: process.argv.slice(2), network: false, dieWithParent: true }
    const { child, ref } = await startGroup(confine(await detectIsolation(), request), ['ignore', 'pipe', 'inherit'])
    child.stdout.once('data', () => console.log(JSON.stringify(ref)))`
  const args = ['--input-type=module', '-e', code, place.tools.node, ...place.tools.readable]
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(parent.stdout, 'data')
  const ref = JSON.parse(String(line)) as ProcessRef
  assert.equal(isGroupAlive(ref), true)

  parent.kill('SIGKILL')

  await waitUntil(() => !isGroupAlive(ref), { what: 'the end of the child' })
})

test('as root, a child has a limit of processes of its own', { skip: !root }, async (t) => {
  const place = await placeFor(t, process.env.PATH ?? '')
  if (!place.isolation.prlimit) return t.skip('prlimit is not installed')

  const limits = await place.node(`console.log(require('fs').readFileSync('/proc/self/limits', 'utf8'))`)

  assert.match(limits, /Max processes +1024 +1024/)
})

async function placeFor(t: TestContext, path: string) {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-isolation-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o711)
  const data = join(folder, 'data')
  await mkdir(data, { mode: 0o710 })
  await writeFile(join(data, 'login-key'), 'canary', { mode: 0o644 })
  const isolation: Isolation = await detectIsolation({ path })
  const work = await openWorkRoot(data, isolation, join(folder, 'state'))
  const tools = await openToolchain(work, isolation)
  const own = await work.ownedFolder('run')
  const shared = await work.sharedFolder('shared')
  const node = async (code: string, changes: Partial<ConfineRequest> = {}) => {
    if (changes.as !== undefined) await work.give(own, changes.as)
    const confined = confine(isolation, {
      argv: [tools.node, '-e', code],
      cwd: own,
      env: {},
      writable: [own],
      readable: [shared, ...tools.readable],
      network: false,
      ...changes,
    })
    const [program = '', ...rest] = confined.argv
    const { stdout } = await run(program, rest, confined as { cwd: string })
    return stdout
  }
  return { isolation, data, own, shared, node, tools }
}
