import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { codeOf } from '#errors/platform-error.ts'
import type { Isolation } from '#lib/isolation.ts'
import type { Hooks } from '../../../testing/last-first.ts'
import { pipelineFile, startLocalCi } from '../../../testing/local-ci.ts'
import { sharedBases } from '../../../testing/tiny-platform.ts'

/** One platform to attack: its real pipeline halves, its files with canaries, and listeners where it would listen. */
export type World = Awaited<ReturnType<typeof startWorld>>

/** Found anywhere in what a step says, it was read. */
export const canary = 'CANARY-7f3a91'

export const diskLimits = { bytes: 24_000_000, entries: 2_000, reserve: 1_000_000 }

const secretFiles = [
  'login-key',
  'image-key',
  'audit-key',
  'agent-git-key',
  'otlp-secret',
  'agent-source.json',
  'agent.json',
  'instance.lock',
]

export async function startWorld(hooks: Hooks, isolation: Isolation | 'hidden' | 'found') {
  const ci = await startLocalCi(hooks, {
    ...(isolation === 'hidden' ? { hidden: true } : isolation === 'found' ? {} : { isolation }),
    stepTimeoutMs: 20_000,
    baseCache: sharedBases(),
    diskLimits,
  })
  for (const name of secretFiles) await writeFile(join(ci.data, name), `${canary} ${name}`, { mode: 0o600 })
  const other = await otherRun(ci.workRoot.path)
  const shared = await ci.workRoot.sharedFolder('dependencies')
  await mkdir(join(shared, 'entry/node_modules/dep'), { recursive: true })
  await writeFile(join(shared, 'entry/node_modules/dep/index.js'), 'honest')
  const listeners = await startListeners(hooks)
  const victim = await startVictim(hooks)
  return { ...ci, other, shared, listeners, victim, isolation: ci.options.isolation, run, protectedFiles }

  /** One hostile commit through `ci build`. */
  async function run(script: string, key: string, files: Readonly<Record<string, string>> = {}) {
    const step = { name: 'attack', run: ['node', '-e', script] }
    const lockfile = files['package-lock.json'] === undefined ? undefined : 'package-lock.json'
    const commit = await ci.commit({ '.fairway/pipeline.yaml': pipelineFile([step], lockfile), ...files })
    const { result, lines, refused } = await ci.build(commit, key).then(
      (built) => ({ ...built, refused: undefined }),
      (error: unknown) => {
        const code = codeOf(error)
        if (code === undefined) throw error
        return { result: undefined, lines: [], refused: code }
      },
    )
    return { commit, key, result, lines, refused, said: lines.map(({ text }) => text).join('\n') }
  }

  /** Path, size and change time of what neither a step nor a build that installs nothing changes. */
  async function protectedFiles(): Promise<string> {
    const roots = ['dependencies', 'tools', 'bases'].map((name) => join(ci.workRoot.path, name))
    const all = await Promise.all([...roots, ...secretFiles.map((name) => join(ci.data, name)), other].map(listing))
    return all.flat().join('\n')
  }
}

async function listing(path: string): Promise<string[]> {
  const about = await stat(path).catch(() => undefined)
  if (!about) return [`${path} absent`]
  if (!about.isDirectory()) return [`${path} ${about.size} ${about.mode} ${about.mtimeMs}`]
  const names = await readdir(path)
  return (await Promise.all(names.toSorted().map((name) => listing(join(path, name))))).flat()
}

async function otherRun(root: string): Promise<string> {
  const folder = join(root, 'runs', 'another-build', 'src')
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o700)
  await writeFile(join(folder, 'secret'), `${canary} of another run`, { mode: 0o600 })
  return folder
}

/** Stand where API, PostgreSQL and the agent's control port would: every connection is a breach. */
async function startListeners(hooks: Hooks) {
  const reached: string[] = []
  const listen = async (name: string, host: string) => {
    const server: Server = createServer((socket) => {
      reached.push(name)
      socket.on('error', () => {})
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    })
    server.listen(0, host)
    await once(server, 'listening')
    hooks.after(() => server.close())
    return { name, host, port: (server.address() as { port: number }).port }
  }
  const outer = Object.values(networkInterfaces())
    .flat()
    .find((face) => face && !face.internal && face.family === 'IPv4')?.address
  const places = [
    await listen('API', '127.0.0.1'),
    await listen('PostgreSQL', '127.0.0.1'),
    await listen('agent control', '127.0.0.1'),
    ...(outer ? [await listen('the machine’s own address', outer)] : []),
  ]
  return { places, reached }
}

/** A process of the platform's own user that holds a secret in its environment and its arguments. */
async function startVictim(hooks: Hooks): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)', '--', `--token=${canary}-argv`], {
    env: { DATABASE_URL: `postgres://fairway:${canary}-env@localhost/fairway` },
    stdio: 'ignore',
  })
  await once(child, 'spawn')
  hooks.after(() => child.kill('SIGKILL'))
  return child.pid ?? 0
}

/** Processes of this machine whose arguments hold the mark. */
export async function processesWith(mark: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid)
  const found = await Promise.all(
    pids.map(async (pid) =>
      (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(mark) ? pid : 0,
    ),
  )
  return found.filter((pid) => pid > 0)
}
