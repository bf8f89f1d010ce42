import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { isGroupAlive, type ProcessRef, startMark, waitForGroupEnd } from '#lib/process-group.ts'

/** A PostgreSQL server that runs on one data folder, as `postmaster.pid` and the process table agree. */
export interface Postmaster {
  readonly ref: ProcessRef
  readonly port: number
}

/**
 * The live server of exactly this data folder. `stale` when a pid file is left of a server that is gone;
 * the process that has its pid now is somebody else's and is never touched.
 */
export function findPostmaster(data: string): Postmaster | 'stale' | undefined {
  const file = readPidFile(data)
  if (!file) return undefined
  const started = startMark(file.pid)
  if (started === undefined || !isServerOf(file.pid, data)) return 'stale'
  return { ref: { pid: file.pid, started }, port: file.port }
}

/** Ends the server: open transactions are rolled back, data is flushed. After 30 s it is ended without the flush. */
export async function stopPostmaster({ ref }: Postmaster): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!isGroupAlive(ref)) return
    try {
      process.kill(ref.pid, signal)
    } catch {
      return // it ended between the look and the signal
    }
    if (await waitForGroupEnd(ref, signal === 'SIGINT' ? 30_000 : 10_000)) return
  }
}

function readPidFile(data: string): { pid: number; port: number } | undefined {
  try {
    const lines = readFileSync(`${data}/postmaster.pid`, 'utf8').split('\n')
    const pid = Number(lines[0])
    return Number.isInteger(pid) && pid > 1 ? { pid, port: Number(lines[3]) } : { pid: -1, port: 0 }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function isServerOf(pid: number, data: string): boolean {
  const argv = commandOf(pid)
  const at = argv.indexOf('-D')
  return /(^|\/)postgres$/.test(argv[0] ?? '') && at > 0 && argv[at + 1] === data
}

function commandOf(pid: number): readonly string[] {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    const env = { LC_ALL: 'C', PATH: '/bin:/usr/bin' }
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { env })
      .toString()
      .trim()
      .split(' ')
  } catch {
    return []
  }
}
