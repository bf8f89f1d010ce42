import { type ChildProcess, execFileSync, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { PlatformError } from '#errors/platform-error.ts'
import type { Confined } from './isolation.ts'

/** A process group that can be found again later, also by another process: a recycled pid has another `started`. */
export interface ProcessRef {
  readonly pid: number
  readonly started: string
}

/** Starts a process as leader of its own group and session. It outlives us unless somebody stops it. */
export async function startGroup(
  confined: Confined,
  stdio: StdioOptions,
): Promise<{ readonly child: ChildProcess; readonly ref: ProcessRef }> {
  const [program = '', ...rest] = confined.argv
  const { cwd, env, uid, gid } = confined
  const ids = uid === undefined ? {} : { uid, gid }
  const child = spawn(program, rest, { cwd, env, stdio, detached: true, ...ids })
  // Read before the event loop turns: until then even a child that ended at once is not reaped.
  const started = child.pid === undefined ? undefined : startMark(child.pid)
  if (child.pid !== undefined) offerToKernel(child.pid)
  await once(child, 'spawn').catch((cause: unknown) => {
    throw new PlatformError('STEP_FAILED', `could not start ${program}`, { cause })
  })
  return { child, ref: { pid: child.pid ?? -1, started: started ?? 'gone' } }
}

/** Whether any process of the group still runs; a zombie does not. */
export function isGroupAlive(ref: ProcessRef): boolean {
  if (ref.pid <= 1 || !probe(-ref.pid)) return false
  const mark = startMark(ref.pid)
  if (mark !== undefined && mark !== ref.started) return false
  return process.platform === 'linux' ? linuxMembers(ref).length > 0 : true
}

/** Whether this very process still runs, group leader or not; a zombie does not. */
export function isProcessAlive(ref: ProcessRef): boolean {
  if (ref.pid <= 1 || startMark(ref.pid) !== ref.started) return false
  const state = process.platform === 'linux' ? statOf(ref.pid)?.state : 'R'
  return state !== undefined && state !== 'Z' && state !== 'X'
}

/** Signals every process of the group; `false` when it has ended. Another group that got the same pid is never signalled. */
export function signalGroup(ref: ProcessRef, signal: NodeJS.Signals): boolean {
  if (!isGroupAlive(ref)) return false
  try {
    return process.kill(-ref.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** `true` when the group ended within `ms`. */
export async function waitForGroupEnd(ref: ProcessRef, ms: number): Promise<boolean> {
  const end = performance.now() + ms
  for (let wait = 2; isGroupAlive(ref); wait = Math.min(wait * 2, 100)) {
    if (performance.now() > end) return false
    await pause(wait)
  }
  return true
}

/** Asks the group to end, then kills it after `graceMs`. Returns when nothing of it runs. */
export async function stopGroup(ref: ProcessRef, { graceMs = 5_000 } = {}): Promise<void> {
  if (graceMs > 0 && signalGroup(ref, 'SIGTERM') && (await waitForGroupEnd(ref, graceMs))) return
  if (!signalGroup(ref, 'SIGKILL') || (await waitForGroupEnd(ref, 10_000))) return
  throw new PlatformError('INTERNAL', `process group ${ref.pid} does not end after SIGKILL`)
}

/** Kills every process of a user id, also those that left their group. Only for ids that belong to one ended child (Linux). */
export async function endProcessesOf(uid: number): Promise<void> {
  if (process.platform !== 'linux' || uid < 1_000) return
  for (let round = 0; round < 50; round++) {
    const pids = processIds().filter((pid) => uidOf(pid) === uid && statOf(pid)?.state !== 'Z')
    if (pids.length === 0) return
    for (const pid of pids) kill(pid)
    await pause(10)
  }
}

/** What tells one process from a later one with the same pid. `undefined` when there is none. */
export function startMark(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const stat = statOf(pid)
    return stat && `${bootId()}:${stat.startTicks}`
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' } })
      .toString()
      .trim()
  } catch {
    return undefined
  }
}

// When memory runs out the kernel ends the child and what it starts, not the platform.
function offerToKernel(pid: number): void {
  if (process.platform !== 'linux') return
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '800')
  } catch {
    // it ended already, or this machine does not let us: the child runs all the same
  }
}

function linuxMembers(ref: ProcessRef): number[] {
  const since = Number(ref.started.split(':').at(-1))
  return processIds().filter((pid) => {
    const stat = statOf(pid)
    return stat?.group === ref.pid && stat.startTicks >= since && stat.state !== 'Z' && stat.state !== 'X'
  })
}

function processIds(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

// Field 2 is the program's name in brackets and may hold anything, so counting begins after the last bracket.
function statOf(pid: number): { state: string; group: number; startTicks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? 'X', group: Number(fields[2]), startTicks: Number(fields[19]) }
  } catch {
    return undefined
  }
}

function uidOf(pid: number): number | undefined {
  try {
    const line = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return line ? Number(line[1]) : undefined
  } catch {
    return undefined
  }
}

let boot: string | undefined
function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return boot
}

function probe(target: number): boolean {
  try {
    return process.kill(target, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it ended between the look and the kill
  }
}
