import { PlatformError } from '#errors/platform-error.ts'
import { takeProcessLock } from '#lib/process-lock.ts'

/** One agent per data folder: throws ALREADY_RUNNING while the holder lives, takes over from one that is gone. Gives the release. */
export function takeAgentLock(path: string): () => void {
  return takeProcessLock(path, alreadyRunning).release
}

function alreadyRunning({ pid }: { pid: number }): PlatformError {
  return new PlatformError('ALREADY_RUNNING', `process ${pid} is the agent of this data folder already`, {
    facts: { pid },
  })
}
