import type { SignalStream, StoredSignal } from '#store/signals-stream.ts'
import type { SignalLimits } from './limits.ts'
import { type TokenBucket, tokenBucket } from './token-bucket.ts'

/** What each workload may still send: its own buckets, so that a flood of one takes nothing from another. */
export interface WorkloadAllowance {
  /** The first records that are within the limit of records, and how many are over it. */
  records<T>(stream: SignalStream, signal: StoredSignal, all: readonly T[]): { taken: readonly T[]; over: number }
  /** The first records that are within the limit of bytes, and their size. */
  fitting<T>(
    stream: SignalStream,
    records: readonly T[],
    sizeOf: (record: T) => number,
  ): { kept: readonly T[]; bytes: number }
}

type Buckets = Record<StoredSignal | 'bytes', TokenBucket>

const idleMs = 600_000
const crowd = 1_000

export function workloadAllowance(
  limits: SignalLimits,
  now: () => number = () => performance.now(),
): WorkloadAllowance {
  const workloads = new Map<string, Buckets>()

  function bucketsOf({ service, environment }: SignalStream): Buckets {
    const key = `${environment}/${service}`
    const known = workloads.get(key)
    if (known) return known
    if (workloads.size >= crowd) forgetIdle(workloads, now() - idleMs)
    const { logs, metrics, traces } = limits.records
    const made = {
      logs: tokenBucket(logs, now),
      metrics: tokenBucket(metrics, now),
      traces: tokenBucket(traces, now),
      bytes: tokenBucket(limits.bytes, now),
    }
    workloads.set(key, made)
    return made
  }

  return {
    records(stream, signal, all) {
      const given = bucketsOf(stream)[signal].take(Math.min(all.length, limits.perRequest))
      return { taken: given === all.length ? all : all.slice(0, given), over: all.length - given }
    },
    fitting(stream, records, sizeOf) {
      const { bytes } = bucketsOf(stream)
      let total = 0
      let count = 0
      for (const record of records) {
        const size = sizeOf(record)
        if (bytes.take(size) < size) break
        total += size
        count++
      }
      return { kept: count === records.length ? records : records.slice(0, count), bytes: total }
    },
  }
}

function forgetIdle(workloads: Map<string, Buckets>, before: number): void {
  for (const [key, buckets] of workloads) {
    if (Object.values(buckets).every(({ askedAt }) => askedAt < before)) workloads.delete(key)
  }
}
