import { open, readFile, rm } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { startMark } from '#lib/process-group.ts'
import { PlatformError } from '#errors/platform-error.ts'

const waiting = new Map<string, Promise<unknown>>()

/** One holder at a time, in this process and among processes of this machine. The lock of a process that died is taken over. */
export async function withFileLock<T>(path: string, act: () => Promise<T>): Promise<T> {
  const before = waiting.get(path) ?? Promise.resolve()
  const mine = before.catch(() => {}).then(() => lockedAcross(path, act))
  waiting.set(path, mine)
  try {
    return await mine
  } finally {
    if (waiting.get(path) === mine) waiting.delete(path)
  }
}

async function lockedAcross<T>(path: string, act: () => Promise<T>): Promise<T> {
  const end = performance.now() + 10_000
  while (!(await take(path))) {
    if (performance.now() > end)
      throw new PlatformError('SERVER_BUSY', 'another process holds the artefact store for too long')
    await pause(10)
  }
  try {
    return await act()
  } finally {
    await rm(path, { force: true })
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o644)
    await file.writeFile(JSON.stringify({ pid: process.pid, started: startMark(process.pid) }))
    await file.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (await isAbandoned(path)) await rm(path, { force: true })
    return false
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    const { pid, started } = JSON.parse(await readFile(path, 'utf8')) as { pid: number; started: string }
    return startMark(pid) !== started
  } catch {
    return false // just being written, or gone: the next round sees
  }
}
