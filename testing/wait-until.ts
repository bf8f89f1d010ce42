import { setTimeout as pause } from 'node:timers/promises'

/** Waits until `condition` gives a truthy value and returns it; after `ms` it throws, naming `what` and the last error. */
export async function waitUntil<T>(
  condition: () => T | Promise<T>,
  { what, ms = 10_000, everyMs = 50 }: { what: string; ms?: number; everyMs?: number },
): Promise<NonNullable<T>> {
  const end = performance.now() + ms
  let last: unknown
  while (performance.now() < end) {
    try {
      const value = await condition()
      if (value) return value as NonNullable<T>
    } catch (error) {
      last = error
    }
    await pause(everyMs)
  }
  const why = last instanceof Error ? `: ${last.message.trim().split('\n')[0]}` : ''
  throw new Error(`waited ${ms} ms for ${what}${why}`, { cause: last })
}
