import { join } from 'node:path'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import { allLocal } from '#model/adapters.ts'
import { openDatabase } from '#store/database.ts'
import { startEmbeddedPostgres } from '#store/embedded-postgres.ts'
import { migrate } from '#store/migrate.ts'
import { ensureAgent, findAgent, stopAgent } from './agent-process.ts'
import { openDataFolder } from './data-folder.ts'
import { keepAgentUp } from './keep-agent-up.ts'
import { takeInstanceLock } from './instance-lock.ts'
import type { Around } from './around.ts'
import { keepPostgresUp } from './keep-postgres-up.ts'
import type { OutsideAddress } from './outside-door.ts'
import { requireLoopback } from './require-loopback.ts'
import { requireFreePort } from './required-ports.ts'
import type { StartFile } from './start-file.ts'

export interface ControlPlane {
  readonly url: string
  /** Signs its first visitor in. */
  readonly oneTimeLink: string
  /** Every address it answers, as `METHOD /path`: what the access matrix walks. */
  readonly addresses: readonly string[]
  close(): Promise<void>
}

export interface ControlPlaneOptions {
  readonly dataFolder: string
  readonly databaseUrl: string
  readonly host: string
  readonly port: number
  readonly gatewayPort: number
  readonly log: (line: string) => void
  readonly around?: Around
  /** The embedded adapters when left out. */
  readonly startFile?: StartFile | undefined
  /** Where other machines reach probes and hooks; nowhere when left out. */
  readonly outside?: OutsideAddress | undefined
}

export interface PlatformOptions {
  readonly dataFolder: string
  readonly host: string
  readonly port: number
  readonly gatewayPort: number
  /** Any PostgreSQL; without it the embedded one. */
  readonly databaseUrl?: string | undefined
  /** Asked when it stops: leave PostgreSQL, the agent and the workloads for the next start to adopt? */
  readonly leaveEngines?: () => boolean
  readonly agentProgram?: string
  readonly startFile?: StartFile | undefined
  readonly outside?: OutsideAddress | undefined
  readonly startControlPlane: (options: ControlPlaneOptions) => Promise<ControlPlane>
  readonly log: (line: string) => void
}

/** The whole platform on this machine. What starts is stopped again, in reverse order, also when a later part fails. */
export async function startPlatform(options: PlatformOptions): Promise<ControlPlane> {
  const { log, port, gatewayPort, leaveEngines = () => false } = options
  requireLoopback(options.host)
  const hasAgent = (options.startFile?.adapters ?? allLocal).delivery === 'local'
  const parts: Part[] = []
  const stop = () => stopParts(parts, log)
  try {
    const data = await openDataFolder(options.dataFolder)
    const lock = takeInstanceLock(data)
    parts.push({ name: 'lock', stop: async () => lock.release() })
    await requireFreePort(port, 'FAIRWAY_PORT')
    if (hasAgent && !(await findAgent(data))) await requireFreePort(gatewayPort, 'FAIRWAY_GATEWAY_PORT')
    const database = await openPostgres(data, options)
    parts.push({ name: 'PostgreSQL', stop: () => database.stop(leaveEngines()) })
    await migrated(database.url, log)
    if (hasAgent) parts.push(await openAgent(data, options))
    else if (await stopAgent(data)) log('the agent of an earlier start has ended: a product delivers now')
    const controlPlane = await options.startControlPlane({ ...options, dataFolder: data, databaseUrl: database.url })
    parts.push({ name: 'control plane', stop: () => controlPlane.close() })
    lock.publish(controlPlane.url)
    return { ...controlPlane, close: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Part {
  readonly name: string
  stop(): Promise<void>
}

// A part that cannot be stopped must not keep the others running.
async function stopParts(parts: Part[], log: (line: string) => void): Promise<void> {
  for (let part = parts.pop(); part; part = parts.pop()) {
    try {
      await part.stop()
      if (part.name !== 'lock') log(`stopped: ${part.name}`)
    } catch (error) {
      log(`could not stop ${part.name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

async function openAgent(
  data: string,
  { gatewayPort, agentProgram, log, leaveEngines = () => false, startFile }: PlatformOptions,
): Promise<Part> {
  const variables = variablesIn(startFile?.adapters.artifacts)
  const agent = { data, gatewayPort, variables, ...(agentProgram ? { program: agentProgram } : {}) }
  const { ref, adopted } = await ensureAgent(agent)
  log(`agent ${adopted ? 'runs already' : 'started'} (process ${ref.pid})`)
  const leaveAgent = keepAgentUp(agent, log)
  return {
    name: 'agent and workloads',
    async stop() {
      await leaveAgent()
      if (!leaveEngines()) await stopAgent(data)
    },
  }
}

/** The variables that options of an adapter name as the place of a credential. */
function variablesIn(options: unknown): readonly string[] {
  if (typeof options !== 'object' || options === null) return []
  return Object.entries(options).flatMap(([key, value]) =>
    key === 'fromEnv' && typeof value === 'string' ? [value] : variablesIn(value),
  )
}

async function openPostgres(
  data: string,
  { databaseUrl, log }: PlatformOptions,
): Promise<{ url: string; stop(leave: boolean): Promise<void> }> {
  if (databaseUrl) return { url: databaseUrl, stop: async () => {} }
  const options = { folder: join(data, 'postgres'), log }
  const server = await startEmbeddedPostgres(options)
  log(`PostgreSQL ${server.adopted ? 'runs already' : 'started'} (process ${server.pid}, port ${server.port})`)
  const guard = keepPostgresUp(options, server)
  return {
    url: server.url,
    async stop(leave) {
      const last = await guard.end()
      if (!leave) await last.stop()
    },
  }
}

async function migrated(url: string, log: (line: string) => void): Promise<void> {
  const opened = openDatabase(url, { max: 1 })
  try {
    const names = await migrate(opened.db)
    if (names.length > 0) log(`database brought up to date: ${names.join(', ')}`)
  } catch (cause) {
    if (codeOf(cause)) throw cause
    // The address may carry a password, and PostgreSQL's words do not name the setting.
    const reason = cause instanceof Error ? cause.message || (cause as { code?: string }).code : String(cause)
    const hint = 'check FAIRWAY_DATABASE_URL, or leave it out for the embedded PostgreSQL'
    throw new PlatformError('DATABASE_UNAVAILABLE', `the database cannot be prepared: ${reason}`, { hint, cause })
  } finally {
    await opened.close()
  }
}
