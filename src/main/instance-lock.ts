import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { isProcessAlive, startMark } from '#lib/process-group.ts'

/** The process that runs the platform on a data folder. */
export interface Instance {
  readonly pid: number
  readonly started: string
  readonly url?: string
}

export interface InstanceLock {
  /** What a second start, and `fairway down`, are told. */
  publish(url: string): void
  release(): void
}

/** One platform per data folder. Throws ALREADY_RUNNING; takes over the lock of a process that is gone. */
export function takeInstanceLock(folder: string): InstanceLock {
  const path = join(folder, 'instance.lock')
  const mine: Instance = { pid: process.pid, started: startMark(process.pid) ?? 'unknown' }
  for (let attempt = 0; attempt < 50; attempt++) {
    if (tryTake(path, mine))
      return { publish: (url) => rewrite(path, { ...mine, url }), release: () => release(path, mine) }
    const text = read(path)
    if (text === undefined) continue
    const holder = parse(text)
    if (holder && isProcessAlive(holder)) throw alreadyRunning(folder, holder)
    discard(path, text)
  }
  throw new PlatformError('ALREADY_RUNNING', `the lock ${path} changes hands all the time`)
}

/** The live platform of the folder. `undefined` when none runs, whatever the lock says. */
export function readInstance(folder: string): Instance | undefined {
  const instance = parse(read(join(folder, 'instance.lock')) ?? '')
  return instance && isProcessAlive(instance) ? instance : undefined
}

function alreadyRunning(folder: string, { pid, url }: Instance): PlatformError {
  const where = url ? `at ${url}` : 'and is still starting'
  return new PlatformError('ALREADY_RUNNING', `process ${pid} runs Fairway on ${folder} ${where}`, {
    hint: 'use that one, stop it with `./fairway down`, or set FAIRWAY_DATA and FAIRWAY_PORT for a second one',
    facts: { pid, ...(url ? { url } : {}) },
  })
}

// A link appears with its content or not at all; a file that is created and then written could be read empty.
function tryTake(path: string, mine: Instance): boolean {
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

function rewrite(path: string, instance: Instance): void {
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, JSON.stringify(instance), { mode: 0o600 })
  renameSync(draft, path)
}

function release(path: string, { pid, started }: Instance): void {
  const holder = parse(read(path) ?? '')
  if (holder?.pid === pid && holder.started === started) rmSync(path, { force: true })
}

function parse(text: string): Instance | undefined {
  try {
    const { pid, started, url } = JSON.parse(text) as Partial<Instance>
    if (typeof pid !== 'number' || typeof started !== 'string') return undefined
    return { pid, started, ...(typeof url === 'string' ? { url } : {}) }
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
