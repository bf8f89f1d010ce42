import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { isProcessAlive, type ProcessRef, startMark } from './process-group.ts'

/** Who holds a lock, with words it left for others, such as its address. */
export interface LockHolder extends ProcessRef {
  readonly note?: string
}

export interface ProcessLock {
  /** Leaves words for whoever finds the lock taken. */
  note(text: string): void
  release(): void
}

/** Takes a lock file for this process. What a live holder makes of it is `refuse`'s error; one that is gone, or whose pid was given away, is replaced. */
export function takeProcessLock(path: string, refuse: (holder: LockHolder) => PlatformError): ProcessLock {
  const mine: LockHolder = { pid: process.pid, started: startMark(process.pid) ?? 'unknown' }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  for (let attempt = 0; attempt < 50; attempt++) {
    if (tryTake(path, mine))
      return { note: (text) => rewrite(path, { ...mine, note: text }), release: () => release(path, mine) }
    const text = read(path)
    const holder = parse(text)
    if (holder && isProcessAlive(holder)) throw refuse(holder)
    if (text !== undefined) discard(path, text)
  }
  throw new PlatformError('ALREADY_RUNNING', `the lock ${path} changes hands all the time`)
}

/** The live holder of a lock; `undefined` when none lives, whatever the file says. */
export function readProcessLock(path: string): LockHolder | undefined {
  const holder = parse(read(path))
  return holder && isProcessAlive(holder) ? holder : undefined
}

// A link appears with its content or not at all; a file that is created and then written could be read empty.
function tryTake(path: string, mine: LockHolder): boolean {
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

function rewrite(path: string, holder: LockHolder): void {
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 })
  renameSync(draft, path)
}

function release(path: string, mine: LockHolder): void {
  const holder = parse(read(path))
  if (holder?.pid === mine.pid && holder.started === mine.started) rmSync(path, { force: true })
}

function parse(text: string | undefined): LockHolder | undefined {
  try {
    const { pid, started, note } = JSON.parse(text ?? '') as Partial<LockHolder>
    if (typeof pid !== 'number' || typeof started !== 'string') return undefined
    return { pid, started, ...(typeof note === 'string' && { note }) }
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
