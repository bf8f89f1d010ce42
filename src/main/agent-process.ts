import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { isProcessAlive, type ProcessRef, startGroup, startMark } from '#lib/process-group.ts'

/** What the agent writes to `agent.json` once it listens. */
const AgentFile = z.object({ pid: z.number().int().positive(), url: z.url(), started: z.string().optional() })

export interface RunningAgent {
  readonly ref: ProcessRef
  readonly url: string
  readonly adopted: boolean
}

export interface AgentOptions {
  readonly data: string
  readonly gatewayPort: number
  readonly program?: string
  /** Variables that credentials of its products come from. */
  readonly variables?: readonly string[] | undefined
}

/** The agent of the data folder: the one that runs, else a new one that outlives us and keeps the workloads. */
export async function ensureAgent(options: AgentOptions): Promise<RunningAgent> {
  const found = await findAgent(options.data)
  if (found && (await answers(found.url))) return { ...found, adopted: true }
  if (found) await end(found.ref)
  return launch(options)
}

/** The live agent, whether it answers or not. */
export async function findAgent(data: string): Promise<{ ref: ProcessRef; url: string } | undefined> {
  const text = await readFile(join(data, 'agent.json'), 'utf8').catch(() => undefined)
  const file = AgentFile.safeParse(parse(text)).data
  const started = file && startMark(file.pid)
  if (!file || started === undefined) return undefined
  const isSame = file.started ? file.started === started : await isAgentOf(file.pid, data)
  return isSame ? { ref: { pid: file.pid, started }, url: file.url } : undefined
}

/** Ends the agent and, through it, every workload. `false` when none ran. */
export async function stopAgent(data: string): Promise<boolean> {
  const found = await findAgent(data)
  if (found) await end(found.ref)
  return found !== undefined
}

async function launch({
  data,
  gatewayPort,
  program = ownProgram,
  variables = [],
}: AgentOptions): Promise<RunningAgent> {
  const log = await open(join(data, 'agent.log'), 'a', 0o600)
  const argv = [process.execPath, program, '--data', data, '--gateway-port', String(gatewayPort)]
  const { child, ref } = await startGroup({ argv, cwd: data, env: agentEnvironment(variables) }, [
    'ignore',
    log.fd,
    log.fd,
  ])
  await log.close()
  child.unref()
  const limit = performance.now() + 30_000
  while (performance.now() < limit && isProcessAlive(ref)) {
    const found = await findAgent(data)
    if (found?.ref.pid === ref.pid && (await answers(found.url))) return { ...found, adopted: false }
    await pause(50)
  }
  const state = isProcessAlive(ref) ? 'does not answer after 30 s' : 'ended while it started'
  if (isProcessAlive(ref)) process.kill(ref.pid, 'SIGKILL')
  const words = (await readFile(join(data, 'agent.log'), 'utf8')).trim().split('\n').slice(-3).join(' | ')
  throw new PlatformError('AGENT_UNAVAILABLE', `the agent ${state}: ${words || 'it left no log'}`, {
    hint: `its log is ${join(data, 'agent.log')}`,
  })
}

const ownProgram = join(import.meta.dirname, 'agent.ts')

function agentEnvironment(variables: readonly string[]): Record<string, string> {
  const usual = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'XDG_STATE_HOME', 'XDG_CACHE_HOME']
  const names = [...usual, ...variables]
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
}

// Any answer will do: whether the caller may ask is another question.
async function answers(url: string): Promise<boolean> {
  const asked = fetch(new URL('/healthz', url), { signal: AbortSignal.timeout(2_000), redirect: 'manual' })
  return asked.then(
    async (reply) => {
      await reply.body?.cancel()
      return true
    },
    () => false,
  )
}

async function end(ref: ProcessRef): Promise<void> {
  if (isProcessAlive(ref)) process.kill(ref.pid, 'SIGTERM') // the agent alone: it ends its workloads in order
  if (await hasEnded(ref, 40_000)) return
  process.kill(ref.pid, 'SIGKILL')
  await hasEnded(ref, 5_000)
}

async function hasEnded(ref: ProcessRef, ms: number): Promise<boolean> {
  const limit = performance.now() + ms
  while (isProcessAlive(ref) && performance.now() < limit) await pause(50)
  return !isProcessAlive(ref)
}

async function isAgentOf(pid: number, data: string): Promise<boolean> {
  if (process.platform !== 'linux') return true
  const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
  return argv[argv.indexOf('--data') + 1] === data && argv.includes('--gateway-port')
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
