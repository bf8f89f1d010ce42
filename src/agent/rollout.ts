import { setTimeout as pause } from 'node:timers/promises'
import { isRetryable } from '#errors/platform-error.ts'
import type { Instance } from './instance/instance.ts'
import type { LiveRecord } from './instance/record.ts'
import { prepareWorkload } from './instance/launch.ts'
import type { Runtime } from './runtime.ts'

export interface Rollout {
  readonly next: LiveRecord
  readonly runtime: Runtime
  /** Aborted when something newer is wanted. */
  readonly signal: AbortSignal
  /** Instances of the new version that are there already: adopted, or of a rollout that was superseded by its like. */
  readonly running: () => readonly Instance[]
  readonly start: () => Instance
  /** Resolves when any instance of the place changed. */
  readonly nextChange: () => Promise<void>
}

/** Ends before the deadline for a version that starts and dies at once, over and over. */
const crashesAllowed = 3

/**
 * Starts the new version beside the old one, one instance after the other, each within the deadline. Nothing of the old
 * version is touched. Gives the reason when the new one does not get ready.
 */
export async function rollOut(rollout: Rollout): Promise<string | undefined> {
  const { next, running, start, signal } = rollout
  const refused = await check(rollout)
  if (refused !== undefined) return refused
  while (!signal.aborted) {
    const known = running()
    const unready = known.find(({ state }) => state !== 'ready')
    if (!unready && known.length >= next.spec.replicas) return undefined
    const failed = await untilReady(unready ?? start(), rollout)
    if (failed !== undefined) return failed
  }
  return undefined
}

async function untilReady(instance: Instance, { next, signal, nextChange }: Rollout): Promise<string | undefined> {
  const seconds = next.spec.deadlineSeconds
  const deadline = AbortSignal.timeout(seconds * 1_000)
  const over = Promise.race([aborted(deadline), aborted(signal)])
  while (!signal.aborted && instance.state !== 'ready') {
    const { restarts, lastExit } = instance.record
    if (restarts >= crashesAllowed && instance.state === 'crashed')
      return `it ended ${restarts} times before it was ready; the last time ${lastExit}`
    if (deadline.aborted) {
      const why =
        lastExit && instance.state === 'crashed' ? lastExit : (instance.trouble ?? lastExit ?? 'it is still starting')
      return `it was not ready within ${seconds} s: ${why}`
    }
    await Promise.race([nextChange(), over])
  }
  return undefined
}

// A missing image or a program that is not here would fail at each start; it is said at once. What may pass, as a store
// that is busy, has as long as the rollout.
async function check({ runtime, next: { spec }, signal }: Rollout): Promise<string | undefined> {
  for (const end = performance.now() + spec.deadlineSeconds * 1_000; ; ) {
    try {
      await prepareWorkload(runtime, spec)
      return undefined
    } catch (error) {
      if (signal.aborted || !isRetryable(error) || performance.now() > end) return (error as Error).message
      await pause(1_000, undefined, { signal }).catch(() => {})
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
