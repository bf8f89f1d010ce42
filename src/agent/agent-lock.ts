import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { isProcessAlive, type ProcessRef, startMark } from '#lib/process-group.ts'

/** One agent per data folder: throws ALREADY_RUNNING while the holder lives, takes over from one that is gone. Gives the release. */
export function takeAgentLock(path: string): () => void {
  const mine: ProcessRef = { pid: process.pid, started: startMark(process.pid) ?? 'unknown' }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  for (let attempt = 0; attempt < 50; attempt++) {
    if (tryTake(path, mine)) return () => release(path, mine)
    const text = read(path)
    const holder = parse(text)
    if (holder && isProcessAlive(holder)) throw alreadyRunning(holder.pid)
    if (text !== undefined) discard(path, text)
  }
  throw new PlatformError('ALREADY_RUNNING', 'the lock of the agent changes hands all the time')
}

function alreadyRunning(pid: number): PlatformError {
  return new PlatformError('ALREADY_RUNNING', `process ${pid} is the agent of this data folder already`, {
    facts: { pid },
  })
}

// A link appears with its content or not at all; a file that is created and then written could be read empty.
function tryTake(path: string, mine: ProcessRef): boolean {
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 })
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

// Two may find the same dead lock: whoever moved a newer one away by mistake puts it back.
function discard(path: string, text: string): void {
  const aside = `${path}.${process.pid}.old`
  try {
    renameSync(path, aside)
    if (read(aside) !== text) linkSync(aside, path)
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
  rmSync(aside, { force: true })
}

function release(path: string, mine: ProcessRef): void {
  const holder = parse(read(path))
  if (holder?.pid === mine.pid && holder.started === mine.started) rmSync(path, { force: true })
}

function parse(text: string | undefined): ProcessRef | undefined {
  try {
    const { pid, started } = JSON.parse(text ?? '') as Partial<ProcessRef>
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined
  } catch {
    return undefined
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
