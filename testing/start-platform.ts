import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { freePort } from '#lib/free-port.ts'
import { recordStore } from '#agent/instance/record.ts'
import { detectIsolation } from '#lib/isolation.ts'
import {
  isGroupAlive,
  isProcessAlive,
  type ProcessRef,
  signalGroup,
  startMark,
  waitForGroupEnd,
} from '#lib/process-group.ts'
import { openWorkRoot } from '#lib/work-root.ts'
import { findEmbeddedPostgres } from '#store/embedded-postgres.ts'
import { findAgent } from '../src/main/agent-process.ts'
import { readInstance } from '../src/main/instance-lock.ts'
import { stopPlatform } from '../src/main/stop.ts'
import { waitUntil } from './wait-until.ts'

const checkout = join(import.meta.dirname, '..')
const usualProgram = [join(checkout, 'tools/boot.mjs'), 'start', '--no-open']

/** Every process of a platform, as they run now. */
export interface PlatformProcesses {
  readonly controlPlane: ProcessRef | undefined
  readonly agent: ProcessRef | undefined
  readonly postgres: ProcessRef | undefined
  readonly workloads: readonly (ProcessRef & { readonly place: string })[]
}

/** A real platform in a process of its own, started as users start it, on a folder and ports of its own. */
export interface TestPlatform {
  readonly data: string
  readonly url: string
  readonly port: number
  readonly gatewayPort: number
  /** What a command line needs to find this platform and nothing of the person who runs the tests. */
  readonly env: NodeJS.ProcessEnv
  /** Starts it (again) and resolves with the seconds until it was ready; rejects with its last words when it ends instead. */
  start(): Promise<number>
  processes(): Promise<PlatformProcesses>
  /** Resolves when the control plane has ended, whoever ended it. */
  ended(): Promise<void>
  /** kill -9 of the control plane alone. */
  killControlPlane(): Promise<void>
  /** kill -9 of control plane, agent, database and workloads. */
  killEverything(): Promise<void>
  /** What it printed and the end of its logs. */
  words(): Promise<string>
  /** Stops everything and removes every trace. */
  remove(): Promise<void>
}

/** The fairway.yaml to start with, and what its credentials and Git's come from. */
export interface StartConfig {
  /** `GATEWAY_PORT` in it stands for the number. */
  readonly text: string
  /** Files that they need go into the folder. */
  env(folder: string): Promise<Readonly<Record<string, string>>>
}

/** Starts a platform for one test; it is stopped and removed afterwards, and its last words are shown when the test fails. */
export async function startPlatform(t: TestContext, config?: StartConfig): Promise<TestPlatform> {
  const platform = await preparePlatform(usualProgram, config)
  t.after(async () => {
    // Node.js has it, its types do not yet
    if (!(t as TestContext & { passed: boolean }).passed) console.error(await platform.words())
    await platform.remove()
  })
  await platform.start()
  return platform
}

/** A folder, ports and an environment for a platform that is not started yet; `program` stands for `npm start`. */
export async function preparePlatform(program = usualProgram, config?: StartConfig): Promise<TestPlatform> {
  await clearAbandoned()
  const folder = await mkdtemp(join(tmpdir(), `fairway-platform-${process.pid}-`))
  await chmod(folder, 0o755) // the database may run as a user of its own
  const data = join(folder, 'data')
  const [port, gatewayPort] = [await freePort(), await freePort()]
  const env = {
    ...environment({ folder, data, port, gatewayPort }),
    ...(await configured(folder, gatewayPort, config)),
  }
  const seen = new Map<string, ProcessRef>()
  let child: ChildProcess | undefined
  let output = ''

  const processes = async (): Promise<PlatformProcesses> => {
    const found = await processesOf(data)
    for (const ref of found.workloads) seen.set(`${ref.pid} ${ref.started}`, ref)
    return found
  }
  const start = async () => {
    const began = performance.now()
    const boot = spawn(process.execPath, program, {
      cwd: checkout,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = boot
    output = ''
    for (const stream of [boot.stdout, boot.stderr])
      stream.on('data', (text) => (output = (output + String(text)).slice(-20_000)))
    await waitUntil(() => output.includes('Sign in once with') || boot.exitCode !== null, {
      what: 'the platform to be ready',
      ms: 90_000,
      everyMs: 20,
    })
    if (boot.exitCode !== null)
      throw new Error(`the platform ended with ${boot.exitCode} instead of starting:\n${output}`)
    await processes()
    return (performance.now() - began) / 1000
  }
  const bootEnded = async () => {
    if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  return {
    data,
    url: `http://localhost:${port}`,
    port,
    gatewayPort,
    env,
    start,
    processes,
    ended: bootEnded,
    async killControlPlane() {
      await kill([readInstance(data)])
      await bootEnded()
    },
    async killEverything() {
      const { controlPlane, agent, postgres, workloads } = await processes()
      await kill([controlPlane, agent, postgres])
      await killGroups(workloads)
      await bootEnded()
    },
    async words() {
      const logs = ['control-plane.log', 'agent.log'].map((name) => lastLines(join(data, name)))
      return ['--- what the platform printed', output, ...(await Promise.all(logs))].join('\n')
    },
    async remove() {
      await processes()
      await stopPlatform(data)
      await bootEnded()
      await killGroups([...seen.values()]) // a workload whose agent was killed and never came back
      await removeTraces(folder)
    },
  }
}

/** The processes of a data folder, from what the platform itself wrote down. */
async function processesOf(data: string): Promise<PlatformProcesses> {
  const instance = readInstance(data)
  const agent = await findAgent(data)
  const postgres = await findEmbeddedPostgres(join(data, 'postgres')).catch(() => undefined)
  const places = await recordStore(join(data, 'agent/workloads')).readAll()
  const workloads = places.flatMap(({ environment, service, instances }) =>
    instances.flatMap((record) =>
      record.process && isGroupAlive(record.process) ? [{ ...record.process, place: `${environment}/${service}` }] : [],
    ),
  )
  return {
    controlPlane: instance && { pid: instance.pid, started: instance.started },
    agent: agent?.ref,
    postgres: postgres && { pid: postgres.pid, started: startMark(postgres.pid) ?? 'gone' },
    workloads,
  }
}

/** kill -9, and waits until they are gone. A process that ended meanwhile, or whose pid belongs to another by now, is left alone. */
async function kill(refs: readonly (ProcessRef | undefined)[]): Promise<void> {
  const alive = refs.filter((ref) => ref !== undefined).filter(isProcessAlive)
  for (const { pid } of alive) process.kill(pid, 'SIGKILL')
  await waitUntil(() => !alive.some(isProcessAlive), { what: 'killed processes to be gone', everyMs: 5 })
}

// A sandboxed workload is more than one process: the leader's end alone would leave it running.
async function killGroups(refs: readonly ProcessRef[]): Promise<void> {
  for (const ref of refs) signalGroup(ref, 'SIGKILL')
  for (const ref of refs) await waitForGroupEnd(ref, 5_000)
}

function environment(place: { folder: string; data: string; port: number; gatewayPort: number }): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(FAIRWAY_(?!NODE_FOLDER)|NODE_TEST_|GIT_)/.test(name))
  return {
    ...Object.fromEntries(kept),
    FAIRWAY_DATA: place.data,
    FAIRWAY_PORT: String(place.port),
    FAIRWAY_GATEWAY_PORT: String(place.gatewayPort),
    XDG_CONFIG_HOME: join(place.folder, 'config'),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    CI: 'true',
  }
}

async function configured(
  folder: string,
  gatewayPort: number,
  config: StartConfig | undefined,
): Promise<NodeJS.ProcessEnv> {
  if (!config) return {}
  const path = join(folder, 'fairway.yaml')
  await writeFile(path, config.text.replaceAll('GATEWAY_PORT', String(gatewayPort)))
  return { FAIRWAY_CONFIG: path, ...(await config.env(folder)) }
}

async function lastLines(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '(none)')
  return `--- the end of ${path}\n${text.trimEnd().split('\n').slice(-25).join('\n')}`
}

async function removeTraces(folder: string): Promise<void> {
  const work = await openWorkRoot(join(folder, 'data'), await detectIsolation())
  await rm(work.path, { recursive: true, force: true })
  await rm(folder, { recursive: true, force: true })
}

// The name carries the pid of its test; where that is gone the test was killed and left its platform running.
async function clearAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(/^fairway-platform-(\d+)-/.exec(name)?.[1])
    if (!pid || startMark(pid) !== undefined) continue
    const folder = join(tmpdir(), name)
    await stopPlatform(join(folder, 'data'))
    await removeTraces(folder)
  }
}

/** Processes whose command line or working folder lies in the data or work folder: what `down` must leave empty (Linux). */
export async function runningOn(data: string): Promise<string[]> {
  const { path } = await openWorkRoot(data, await detectIsolation())
  const isInside = (text: string) => text.includes(data) || text.includes(path)
  const found = await Promise.all(
    (await readdir('/proc').catch(() => []))
      .filter((name) => /^\d+$/.test(name))
      .map(async (pid) => {
        const argv = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
        const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '')
        return isInside(argv) || isInside(cwd) ? [`${pid} ${argv.replaceAll('\0', ' ')}`] : []
      }),
  )
  return found.flat()
}
