import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { appendFile, chmod, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { request as ask } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { TestContext } from 'node:test'
import { localDelivery } from '#adapters/delivery/local/local.ts'
import { isGroupAlive, stopGroup } from '#lib/process-group.ts'
import type { Delivery, LiveStatus, Place } from '#ports/delivery.ts'
import { commitFolder } from '../commit-folder.ts'
import { startGitServer } from '../git-server.ts'
import { waitUntil } from '../wait-until.ts'
import { imageStore, type ImageStore, labKey } from './images.ts'

export interface AgentLab {
  readonly data: string
  /** Where the agent keeps what workloads may see. */
  readonly work: string
  readonly delivery: Delivery
  readonly images: ImageStore
  readonly agent: ChildProcess
  gatewayPort(): Promise<number>
  publish(place: Place, files: Readonly<Record<string, string>> | undefined): Promise<string>
  /** Publishes, tells the agent and waits for synced and healthy. */
  deploy(place: Place, files: Readonly<Record<string, string>>): Promise<LiveStatus>
  status(place: Place): Promise<LiveStatus>
  /** Pids that the agent wrote down for a place, in order of their instances. */
  pids(place: Place): Promise<number[]>
  startAgain(): Promise<void>
  /** One more agent on the same data folder; resolves with its exit code. */
  startSecond(): Promise<number | null>
  cutSource(): Promise<void>
  /** Writes into every file of every unpacked image, as somebody with a shell on the machine could. */
  editFiles(): Promise<void>
  get(place: Place, path: string): Promise<{ status: number; body: string }>
}

export interface LabOptions {
  readonly otlpEndpoint?: string
  /** Where the agent asks for secrets. */
  readonly secrets?: { readonly endpoint: string; readonly token: string }
  /** Hides bwrap from the agent. */
  readonly sandbox?: false
}

export const otlpSecret = 'a secret that only the platform knows'
const agentProgram = resolve(import.meta.dirname, '../../src/main/agent.ts')

/** A real agent process with a real delivery repository and a real artefact store; everything ends with the test. */
export async function startAgentLab(t: TestContext, options: LabOptions = {}): Promise<AgentLab> {
  const data = await mkdtemp(join(tmpdir(), 'fairway-agent-'))
  const work = await mkdtemp(join(tmpdir(), 'fairway-agent-work-'))
  await chmod(work, 0o711)
  const git = await startGitServer(t)
  const images = imageStore(join(data, 'artifacts'), join(data, 'scratch'))
  const source = {
    remote: git.remote,
    branch: 'main',
    artifacts: join(data, 'artifacts'),
    environments: ['dev', 'staging'],
    imageKeys: [labKey.pem],
    ...servicesOf(options),
  }
  const writeSource = (remote: object) =>
    writeFile(join(data, 'agent-source.json'), JSON.stringify({ ...source, remote }), { mode: 0o600 })
  await commitFolder(git.repo, undefined, undefined)
  await writeSource(git.remote)
  const path = options.sandbox === false ? await pathWithoutSandbox(work) : (process.env['PATH'] ?? '')
  let agent = startAgentProcess({ data, work, path })
  t.after(async () => {
    await stopEverything(agent, data)
    await Promise.all([data, work].map((folder) => rm(folder, { recursive: true, force: true })))
  })
  const delivery = localDelivery({ dataFolder: data })
  const status = (place: Place) => delivery.status(place, AbortSignal.timeout(10_000))
  const publish: AgentLab['publish'] = (place, files) => commitFolder(git.repo, place, files)
  const gatewayPort = async () => (await agentFile(data, agent)).gatewayPort
  await agentFile(data, agent)
  return {
    data,
    work,
    delivery,
    images,
    get agent() {
      return agent
    },
    gatewayPort,
    publish,
    status,
    async deploy(place, files) {
      const commit = await publish(place, files)
      await delivery.refresh(place.environment, AbortSignal.timeout(30_000))
      return waitUntil(
        async () => {
          const now = await status(place)
          if (now.rolloutFailure) throw new Error(now.rolloutFailure)
          return now.health === 'healthy' && now.sync === 'synced' && now.liveCommit === commit ? now : undefined
        },
        { what: `${place.service} to be healthy`, ms: 60_000 },
      )
    },
    async pids({ environment, service }) {
      const folder = join(data, 'agent/workloads', environment, service)
      const names = (await readdir(folder)).filter((name) => name !== 'live.json' && name.endsWith('.json')).sort()
      const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
      return texts.flatMap((text) => (JSON.parse(text) as { process?: { pid: number } }).process?.pid ?? [])
    },
    async startAgain() {
      agent = startAgentProcess({ data, work, path })
      await agentFile(data, agent)
    },
    async startSecond() {
      const second = startAgentProcess({ data, work, path })
      const [code] = (await once(second, 'exit', { signal: AbortSignal.timeout(20_000) })) as [number | null]
      return code
    },
    async editFiles() {
      const unpacked = (await Promise.all([join(data, 'work'), work].map(filesBelow))).flat()
      const files = unpacked.filter((path) => path.includes('/images/'))
      if (files.length === 0) throw new Error('no image is unpacked')
      for (const file of files) await appendFile(file, '\n// changed by hand\n')
    },
    cutSource: () => writeSource({ ...git.remote, url: 'http://127.0.0.1:9/team-a/shop.git' }),
    async get(place, path) {
      return through(await gatewayPort(), place, path)
    },
  }
}

function servicesOf({ otlpEndpoint, secrets }: LabOptions) {
  return {
    ...(secrets && { secrets }),
    ...(otlpEndpoint && { otlp: { endpoint: otlpEndpoint, secret: otlpSecret } }),
  }
}

/** A request as a browser sends it: to the gateway's address, with the service's name as Host. */
export async function through(
  port: number,
  { service, environment }: Place,
  path: string,
): Promise<{ status: number; body: string }> {
  const host = `${service}.${environment}.localhost:${port}`
  const asking = ask({ host: '127.0.0.1', port, path, headers: { host } })
  asking.end()
  const [reply] = await once(asking, 'response')
  let body = ''
  for await (const chunk of reply) body += String(chunk)
  return { status: reply.statusCode, body }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

function startAgentProcess({ data, work, path }: { data: string; work: string; path: string }): ChildProcess {
  const argv = [agentProgram, '--data', data, '--gateway-port', '0', '--work-state', work]
  return spawn(process.execPath, argv, {
    stdio: ['ignore', 'ignore', process.env['FAIRWAY_TEST_AGENT_LOG'] ? 'inherit' : 'ignore'],
    env: { PATH: path, LAB_CANARY: 'must never reach a workload' },
  })
}

async function pathWithoutSandbox(work: string): Promise<string> {
  const folders = (process.env['PATH'] ?? '').split(':')
  const found = folders.map((folder) => join(folder, 'git')).find((file) => existsSync(file))
  await symlink(found ?? '/usr/bin/git', join(work, 'git'))
  return work
}

async function agentFile(data: string, agent: ChildProcess): Promise<{ pid: number; gatewayPort: number }> {
  return waitUntil(
    async () => {
      if (agent.exitCode !== null) throw new Error(`the agent ended with ${agent.exitCode}`)
      const file = JSON.parse(await readFile(join(data, 'agent.json'), 'utf8')) as { pid: number; gatewayPort: number }
      return file.pid === agent.pid ? file : undefined
    },
    { what: 'the agent to listen', ms: 20_000 },
  )
}

async function stopEverything(agent: ChildProcess, data: string): Promise<void> {
  if (agent.exitCode === null && agent.signalCode === null) {
    agent.kill('SIGTERM')
    const timer = setTimeout(() => agent.kill('SIGKILL'), 40_000)
    await once(agent, 'exit')
    clearTimeout(timer)
  }
  const left = await readdir(join(data, 'agent/workloads'), { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of left.filter(({ name }) => name.endsWith('.json'))) {
    const { process: ref } = JSON.parse(await readFile(join(entry.parentPath, entry.name), 'utf8')) as {
      process?: { pid: number; started: string }
    }
    if (ref && isGroupAlive(ref)) await stopGroup(ref, { graceMs: 0 })
  }
}
