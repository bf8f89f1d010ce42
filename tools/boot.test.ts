import assert from 'node:assert/strict'
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'

const root = join(import.meta.dirname, '..')
const old = systemNode()
const skip = old === undefined ? 'no Node before 24 on PATH' : false

describe('boot under the system’s Node', { concurrency: 3, skip }, () => {
  test('a command runs under the pinned Node with its arguments, its folder and its exit code', async (t) => {
    const copy = await emptyCopy(t)
    const { code, stdout } = await boot(copy, ['cli', '--name', 'two words'], { cwd: tmpdir() })

    assert.deepEqual(JSON.parse(stdout), ['v24.21.0', '--name', 'two words', await realpath(tmpdir())])
    assert.equal(code, 7)
  })

  test('boots at once in one checkout install once, also over the lock of one that was killed', async (t) => {
    const copy = await emptyCopy(t)
    await mkdir(join(copy, '.cache'))
    await writeFile(join(copy, '.cache/boot.lock'), '4194303 1\n')

    const runs = await Promise.all([1, 2, 3].map(() => boot(copy, ['setup'])))

    assert.deepEqual(
      runs.map(({ code }) => code),
      [0, 0, 0],
    )
    assert.equal(runs.filter(({ stderr }) => stderr.includes('installing packages')).length, 1)
    assert.equal(existsSync(join(copy, '.cache/boot.lock')), false)
    assert.doesNotMatch((await boot(copy, ['setup'])).stderr, /installing/)
  })

  test('./fairway works through a link from another folder, set up or not', async (t) => {
    const copy = await emptyCopy(t)
    const elsewhere = await mkdtemp(join(tmpdir(), 'fairway-elsewhere-'))
    t.after(() => rm(elsewhere, { recursive: true, force: true }))
    await symlink(join(copy, 'fairway'), join(elsewhere, 'fw'))
    const call = () => run(join(elsewhere, 'fw'), ['a'], { cwd: elsewhere })

    const [first, second] = [await call(), await call()]

    assert.match(first.stderr, /installing packages/)
    assert.equal(second.stderr, '')
    assert.deepEqual(JSON.parse(second.stdout), ['v24.21.0', 'a', await realpath(elsewhere)])
    assert.equal(first.stdout, second.stdout)
  })

  test('SIGTERM reaches the command', async (t) => {
    const copy = await emptyCopy(t)
    await writeFile(join(copy, 'src/main/cli.ts'), waiting)
    const child = spawn(old ?? '', ['tools/boot.mjs', 'cli'], { cwd: copy, stdio: ['ignore', 'pipe', 'ignore'] })
    t.after(() => child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    child.kill('SIGTERM')

    assert.deepEqual(await once(child, 'close'), [42, null])
  })

  test('an unknown command, and a Node that is too old, end with exit code 2', async (t) => {
    const copy = await emptyCopy(t)
    const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.19.0' } })`
    const argv = ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, 'tools/boot.mjs', 'setup']

    const [unknown, tooOld] = await Promise.all([boot(copy, ['nonsense']), run(old ?? '', argv, { cwd: copy })])

    assert.deepEqual([unknown.code, tooOld.code], [2, 2])
    assert.match(unknown.stderr, /USAGE/)
    assert.match(tooOld.stderr, /NODE_TOO_OLD/)
  })

  const full = process.env.FAIRWAY_FULL_BOOT ? false : 'minutes of downloads: FAIRWAY_FULL_BOOT=1 runs it'
  test('a fresh clone sets itself up from nothing', { skip: full }, async (t) => {
    const copy = await mkdtemp(join(tmpdir(), 'fairway-clone-'))
    t.after(() => rm(copy, { recursive: true, force: true }))
    assert.equal((await run('git', ['clone', '--quiet', root, copy], {})).code, 0)

    const { code, stderr } = await boot(copy, ['setup'])

    assert.equal(code, 0, stderr)
    assert.equal((await boot(copy, ['setup'])).stderr.includes('installing'), false)
  })
})

const waiting = `process.on('SIGTERM', () => process.exit(42)); setInterval(() => {}, 1000); console.log('ready')`
const echo = `console.log(JSON.stringify([process.version, ...process.argv.slice(2), process.cwd()])); process.exitCode = 7`

// A checkout without dependencies: installing takes a second. The pinned Node is borrowed from this one.
async function emptyCopy(t: TestContext): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'fairway-boot-'))
  t.after(() => rm(copy, { recursive: true, force: true }))
  for (const path of ['tools/boot.mjs', 'tools/boot', 'tools/node', 'fairway']) {
    await cp(join(root, path), join(copy, path), { recursive: true })
  }
  await chmod(join(copy, 'fairway'), 0o755)
  await symlink(join(root, '.node'), join(copy, '.node'))
  await mkdir(join(copy, 'src/main'), { recursive: true })
  await writeFile(join(copy, 'src/main/cli.ts'), echo)
  const about = { name: 'empty', version: '1.0.0' }
  const lock = { ...about, lockfileVersion: 3, requires: true, packages: { '': about } }
  await writeFile(join(copy, 'package.json'), JSON.stringify({ ...about, type: 'module' }))
  await writeFile(join(copy, 'package-lock.json'), JSON.stringify(lock))
  return copy
}

function boot(copy: string, argv: readonly string[], options: { cwd?: string } = {}) {
  return run(old ?? '', [join(copy, 'tools/boot.mjs'), ...argv], { cwd: copy, ...options })
}

async function run(program: string, argv: readonly string[], options: { cwd?: string }) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(program, argv, { ...options, timeout: 300_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr })
    })
  })
}

function systemNode(): string | undefined {
  const places = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node'))
  return places.filter(existsSync).find((node) => {
    const major = Number(/^v(\d+)/.exec(spawnSync(node, ['--version']).stdout.toString())?.[1])
    return major >= 20 && major < 24
  })
}
