import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isGroupAlive, stopGroup } from '#lib/process-group.ts'
import type { RuntimeEvent } from '#model/deployment.ts'
import type { WorkloadSpec } from '../desired/workload-spec.ts'
import type { Runtime } from '../runtime.ts'
import { removeSecretFiles } from '../secrets/secret-folder.ts'
import { findLostProcess } from './find-lost-process.ts'
import { confinedWorkload, launch, ownFolder, type RunningProcess } from './launch.ts'
import type { InstanceRecord } from './record.ts'
import { watchProcess } from './watch-process.ts'

export type InstanceState = 'starting' | 'ready' | 'not-ready' | 'crashed' | 'stopping'

/** What the gateway needs: an address, kept connections, and how many requests are under way. */
export interface Traffic {
  readonly port: number | undefined
  readonly connections: Agent
  inFlight: number
}

export interface InstanceOptions {
  readonly runtime: Runtime
  readonly onChange: () => void
}

export function newInstance(spec: WorkloadSpec, commit: string, options: InstanceOptions): Instance {
  const id = `${spec.service}-${spec.hash.slice(0, 6)}-${randomBytes(3).toString('hex')}`
  const startedAt = new Date().toISOString()
  return new Instance({ id, spec, commit, ports: {}, startedAt, restarts: 0 }, undefined, options)
}

/** Takes over an instance of an earlier agent: its process when that still runs, else, with `restart`, a new one in its place. */
export async function adoptInstance(
  record: InstanceRecord,
  options: InstanceOptions & { readonly restart: boolean },
): Promise<Instance | undefined> {
  const ref = record.process ?? (await findLostProcess(record.id))
  if (ref && isGroupAlive(ref)) return new Instance({ ...record, process: ref }, { ref }, options)
  if (!options.restart) return undefined
  const lastExit = 'it ended while no agent ran'
  return new Instance({ ...record, restarts: record.restarts + 1, lastExit }, undefined, options)
}

const longestBackoffMs = 60_000
const healthyMs = 60_000

/** One replica over all its restarts: keeps a process of it running until it is stopped. */
export class Instance {
  readonly traffic: Traffic
  readonly #runtime: Runtime
  readonly #onChange: () => void
  readonly #ending = new AbortController()
  readonly #supervised: Promise<void>
  #record: InstanceRecord
  #state: InstanceState = 'starting'
  #trouble: string | undefined
  #tellMemory: (bytes: number) => void = () => {}
  #stopped: Promise<void> | undefined

  constructor(record: InstanceRecord, adopted: RunningProcess | undefined, { runtime, onChange }: InstanceOptions) {
    this.#record = record
    this.#runtime = runtime
    this.#onChange = onChange
    const port = () => this.#record.ports[record.spec.ports[0] ?? '']
    this.traffic = {
      get port() {
        return port()
      },
      connections: new Agent({ keepAlive: true, maxFreeSockets: 64 }),
      inFlight: 0,
    }
    this.#supervised = this.#supervise(adopted)
  }

  get id(): string {
    return this.#record.id
  }

  get spec(): WorkloadSpec {
    return this.#record.spec
  }

  get state(): InstanceState {
    return this.#state
  }

  get record(): InstanceRecord {
    return this.#record
  }

  /** Why it is not ready, in words. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** Tells the memory in use; over the limit the process is killed and started again. */
  memory(bytesByGroup: ReadonlyMap<number, number>): void {
    const used = this.#record.process && bytesByGroup.get(this.#record.process.pid)
    const limit = this.spec.memoryBytes
    if (used !== undefined && limit !== undefined && used > limit) this.#tellMemory(used)
  }

  /** Resolves when nothing of it runs and its record is gone. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #supervise(adopted: RunningProcess | undefined): Promise<void> {
    const { signal } = this.#ending
    let running = adopted
    for (let failures = 0; !signal.aborted; running = undefined) {
      const began = performance.now()
      const reason = await this.#oneRun(running).catch((error: Error) => error.message)
      if (signal.aborted) return
      this.traffic.connections.destroy()
      failures = performance.now() - began >= healthyMs ? 1 : failures + 1
      const waitMs = Math.min(1_000 * 2 ** (failures - 1), longestBackoffMs)
      this.#record = { ...this.#record, restarts: this.#record.restarts + 1, lastExit: reason }
      this.#set('crashed', reason)
      const kind = reason.startsWith('out of memory') ? 'OutOfMemory' : 'Crashed'
      this.#say('error', kind, `${reason}; it starts again in ${waitMs / 1000} s`)
      await pause(waitMs, undefined, { signal }).catch(() => {})
      this.#set('starting', reason)
    }
  }

  async #oneRun(adopted: RunningProcess | undefined): Promise<string> {
    let running = adopted
    if (running) this.#say('info', 'Adopted', `runs on as process ${running.ref.pid}; this agent watches it now`)
    else {
      ;[running, this.#record] = await launch(this.#runtime, this.#record)
      this.#say('info', 'Started', `started as process ${running.ref.pid}`)
    }
    const record = this.#record
    try {
      return await watchProcess(this.#runtime, {
        record,
        running,
        signal: this.#ending.signal,
        onReadiness: (problem) => this.#readiness(problem),
        onMemoryWatch: (tell) => (this.#tellMemory = tell),
        runCommand: (command) => confinedWorkload(this.#runtime, record, command),
      })
    } finally {
      this.#tellMemory = () => {}
    }
  }

  #readiness(problem: string | undefined): void {
    if (problem === undefined) this.#set('ready')
    else this.#set(this.#state === 'ready' || this.#state === 'not-ready' ? 'not-ready' : 'starting', problem)
  }

  async #stop(): Promise<void> {
    this.#set('stopping')
    this.#ending.abort()
    await this.#supervised
    if (this.#record.process) await stopGroup(this.#record.process, { graceMs: this.spec.graceSeconds * 1_000 })
    this.traffic.connections.destroy()
    await removeSecretFiles(this.#runtime, this.#record)
    await this.#runtime.records.removeInstance(this.#record)
    await rm(join(this.#runtime.work.path, ownFolder(this.#record)), { recursive: true, force: true })
    this.#say('info', 'Stopped', 'stopped')
  }

  #set(state: InstanceState, trouble?: string): void {
    if (this.#state === 'stopping' || (this.#state === state && this.#trouble === trouble)) return
    this.#state = state
    this.#trouble = trouble
    this.#onChange()
  }

  #say(level: RuntimeEvent['level'], reason: string, message: string): void {
    this.#runtime.events.add(this.spec, {
      level,
      reason,
      message: `${this.id} ${message}`,
      commit: this.#record.commit,
    })
  }
}
