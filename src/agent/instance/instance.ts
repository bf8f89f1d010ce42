import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { isGroupAlive, stopGroup } from '#lib/process-group.ts'
import type { WorkloadSpec } from '../desired/workload-spec.ts'
import type { Runtime } from '../runtime.ts'
import { findLostProcess } from './find-lost-process.ts'
import { confinedWorkload, launch, ownFolder, type RunningProcess } from './launch.ts'
import type { InstanceRecord } from './record.ts'
import { watchProcess } from './watch-process.ts'

export type InstanceState = 'starting' | 'ready' | 'not-ready' | 'crashed' | 'stopping'

/** One replica over all its restarts. */
export interface Instance {
  readonly id: string
  readonly spec: WorkloadSpec
  readonly state: InstanceState
  readonly record: InstanceRecord
  /** Why it is not ready, in words. */
  readonly trouble: string | undefined
  /** What the gateway needs: an address, kept connections, and how many requests are under way. */
  readonly traffic: Traffic
  /** Tells the memory in use; over the limit the process is killed and started again. */
  memory(bytesByGroup: ReadonlyMap<number, number>): void
  /** Resolves when nothing of it runs and its record is gone. */
  stop(): Promise<void>
}

export interface Traffic {
  readonly port: number | undefined
  readonly connections: Agent
  inFlight: number
}

export interface InstanceOptions {
  readonly runtime: Runtime
  readonly onChange: (instance: Instance) => void
}

export function newInstance(spec: WorkloadSpec, commit: string, options: InstanceOptions): Instance {
  const id = `${spec.service}-${spec.hash.slice(0, 6)}-${randomBytes(3).toString('hex')}`
  const startedAt = new Date().toISOString()
  return supervise({ id, spec, commit, ports: {}, startedAt, restarts: 0 }, undefined, options)
}

/** Takes over an instance of an earlier agent: its process when that still runs, else, with `restart`, a new one in its place. */
export async function adoptInstance(
  record: InstanceRecord,
  options: InstanceOptions & { readonly restart: boolean },
): Promise<Instance | undefined> {
  const ref = record.process ?? (await findLostProcess(record.id))
  if (ref && isGroupAlive(ref)) return supervise({ ...record, process: ref }, { ref }, options)
  if (!options.restart) return undefined
  const lastExit = 'it ended while no agent ran'
  return supervise({ ...record, restarts: record.restarts + 1, lastExit }, undefined, options)
}

const longestBackoffMs = 60_000
const healthyMs = 60_000

function supervise(first: InstanceRecord, adopted: RunningProcess | undefined, options: InstanceOptions): Instance {
  const { runtime, onChange } = options
  const { spec, id } = first
  const ending = new AbortController()
  const connections = new Agent({ keepAlive: true, maxFreeSockets: 64 })
  let record = first
  let state: InstanceState = 'starting'
  let trouble: string | undefined
  let overMemory: (bytes: number) => void = () => {}

  const traffic: Traffic = {
    get port() {
      const [port] = spec.ports
      return port === undefined ? undefined : record.ports[port]
    },
    connections,
    inFlight: 0,
  }
  const set = (next: InstanceState, why?: string) => {
    if (state === 'stopping' || (state === next && trouble === why)) return
    state = next
    trouble = why
    onChange(instance)
  }
  const event = (level: 'info' | 'warn' | 'error', reason: string, message: string) =>
    runtime.events.add(spec, { level, reason, message, commit: record.commit })

  const oneRun = async (running: RunningProcess | undefined) => {
    if (running) event('info', 'Adopted', `${id} runs on as process ${running.ref.pid}; this agent watches it now`)
    else {
      ;[running, record] = await launch(runtime, record)
      event('info', 'Started', `${id} started as process ${running.ref.pid}`)
    }
    const end = await watchProcess(runtime, {
      record,
      running,
      signal: ending.signal,
      onReadiness: (problem) => {
        if (problem === undefined) set('ready')
        else if (state === 'ready' || state === 'not-ready') set('not-ready', problem)
        else set('starting', problem)
      },
      onMemoryWatch: (tell) => (overMemory = tell),
      runCommand: (command) => confinedWorkload(runtime, record, command),
    })
    overMemory = () => {}
    return end
  }

  const keepRunning = async () => {
    let running = adopted
    for (let failures = 0; !ending.signal.aborted; running = undefined) {
      const began = performance.now()
      const reason = await oneRun(running).catch((error: Error) => error.message)
      if (ending.signal.aborted) return
      connections.destroy()
      failures = performance.now() - began >= healthyMs ? 0 : failures + 1
      record = { ...record, restarts: record.restarts + 1, lastExit: reason }
      const waitMs = Math.min(1_000 * 2 ** Math.max(failures - 1, 0), longestBackoffMs)
      set('crashed', reason)
      event(
        'error',
        reason.startsWith('out of memory') ? 'OutOfMemory' : 'Crashed',
        `${id}: ${reason}; it starts again in ${waitMs / 1000} s`,
      )
      await pause(waitMs, ending.signal)
      set('starting', reason)
    }
  }
  const supervised = keepRunning()

  let stopped: Promise<void> | undefined
  const stop = async () => {
    set('stopping')
    ending.abort()
    await supervised
    if (record.process) await stopGroup(record.process, { graceMs: spec.graceSeconds * 1_000 })
    connections.destroy()
    await runtime.records.removeInstance(record)
    await rm(join(runtime.work.path, ownFolder(record)), { recursive: true, force: true })
    event('info', 'Stopped', `${id} stopped`)
  }
  const instance: Instance = {
    id,
    spec,
    traffic,
    get state() {
      return state
    },
    get record() {
      return record
    },
    get trouble() {
      return trouble
    },
    memory(bytesByGroup) {
      const used = record.process && bytesByGroup.get(record.process.pid)
      if (used !== undefined && spec.memoryBytes !== undefined && used > spec.memoryBytes) overMemory(used)
    },
    stop: () => (stopped ??= stop()),
  }
  return instance
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
