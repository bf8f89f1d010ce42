/** When each line is filed, in nanoseconds. */
export interface LineClock {
  file(stream: string, atMs: number): bigint
}

const lateNs = 10_000_000_000n
const crowd = 5_000

/**
 * Every line of a stream gets an instant of its own. One that comes up to ten seconds late is filed right behind the
 * newest, so that readers who follow by time do not miss it; a later one is filed where it belongs.
 */
export function lineClock(now: () => number = Date.now): LineClock {
  const newest = new Map<string, bigint>()
  return {
    file(stream, atMs) {
      const at = BigInt(Math.round(atMs)) * 1_000_000n
      const last = newest.get(stream)
      if (last !== undefined && at <= last - lateNs) return at + (last % 1_000_000n)
      const ns = last !== undefined && at <= last ? last + 1n : at
      if (last === undefined && newest.size >= crowd) forgetOld(newest, BigInt(now()) * 1_000_000n - lateNs)
      newest.set(stream, ns)
      return ns
    },
  }
}

function forgetOld(newest: Map<string, bigint>, before: bigint): void {
  for (const [stream, at] of newest) if (at < before) newest.delete(stream)
}
