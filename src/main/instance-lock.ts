import { join } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { type LockHolder, readProcessLock, takeProcessLock } from '#lib/process-lock.ts'

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
  const lock = takeProcessLock(pathOf(folder), (holder) => alreadyRunning(folder, instanceOf(holder)))
  return { publish: lock.note, release: lock.release }
}

/** The live platform of the folder. `undefined` when none runs, whatever the lock says. */
export function readInstance(folder: string): Instance | undefined {
  const holder = readProcessLock(pathOf(folder))
  return holder && instanceOf(holder)
}

function pathOf(folder: string): string {
  return join(folder, 'instance.lock')
}

function instanceOf({ pid, started, note }: LockHolder): Instance {
  return { pid, started, ...(note !== undefined && { url: note }) }
}

function alreadyRunning(folder: string, { pid, url }: Instance): PlatformError {
  const where = url ? `at ${url}` : 'and is still starting'
  return new PlatformError('ALREADY_RUNNING', `process ${pid} runs Fairway on ${folder} ${where}`, {
    hint: 'use that one, stop it with `./fairway down`, or set FAIRWAY_DATA and FAIRWAY_PORT for a second one',
    facts: { pid, ...(url ? { url } : {}) },
  })
}
