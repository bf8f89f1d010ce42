import type { StoredSignal } from '#store/signals-stream.ts'
import type { Rate } from './token-bucket.ts'

export interface SignalLimits {
  /** Records a workload may send per second: lines, points, spans. */
  readonly records: Readonly<Record<StoredSignal, Rate>>
  /** Bytes of lines and spans a workload may have stored per second. */
  readonly bytes: Rate
  /** Records of one request that are looked at. */
  readonly perRequest: number
  /** How long drops are gathered before they are written down, and marked in the log. */
  readonly gatherMs: number
  readonly batchRows: number
  readonly batchBytes: number
  readonly waitingRows: number
  readonly waitingBytes: number
}

const mebibyte = 1_048_576

export const defaultLimits: SignalLimits = {
  records: {
    logs: { perSecond: 2_000, burst: 10_000 },
    metrics: { perSecond: 2_000, burst: 10_000 },
    traces: { perSecond: 1_000, burst: 5_000 },
  },
  bytes: { perSecond: 2 * mebibyte, burst: 8 * mebibyte },
  perRequest: 10_000,
  gatherMs: 2_000,
  batchRows: 2_000,
  batchBytes: 4 * mebibyte,
  waitingRows: 40_000,
  waitingBytes: 48 * mebibyte,
}
