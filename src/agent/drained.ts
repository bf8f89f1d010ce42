import { setTimeout as pause } from 'node:timers/promises'
import type { Instance } from './instance/instance.ts'

const longestMs = 10_000

/** Waits until no request is under way on an instance that takes no new ones, at most ten seconds. */
export async function drained({ traffic, spec }: Instance): Promise<void> {
  const limitMs = Math.min(longestMs, spec.graceSeconds * 500)
  for (const end = performance.now() + limitMs; traffic.inFlight > 0 && performance.now() < end; ) await pause(20)
}
