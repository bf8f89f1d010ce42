import type { Database } from '#store/database.ts'
import { pruneSignals, type Retention } from '#store/signals-retention.ts'

const million = 1_000_000
const gibibyte = 1_073_741_824

/** Most that the embedded store keeps, over all services; the oldest of whoever holds most goes first. */
export const defaultCeilings: Retention['ceilings'] = {
  logs: { rows: 5 * million, bytes: 4 * gibibyte },
  metrics: { rows: 2 * million, bytes: gibibyte },
  traces: { rows: 2 * million, bytes: 2 * gibibyte },
}

export interface KeepSignalsOptions {
  readonly db: Database
  /** `logRetentionDays` of the environment. */
  readonly daysOf: Retention['daysOf']
  readonly ceilings?: Retention['ceilings']
  readonly everyMs?: number
  readonly failed?: (error: unknown) => void
}

/** Forgets old signals once a minute, one pass at a time. Returns the stop, which waits for a running pass. */
export function keepSignals({ db, daysOf, ceilings = defaultCeilings, everyMs = 60_000, failed }: KeepSignalsOptions) {
  let running: Promise<void> | undefined
  const pass = () => {
    running ??= pruneSignals(db, { daysOf, ceilings })
      .catch((error: unknown) => failed?.(error))
      .finally(() => {
        running = undefined
      })
  }
  const timer = setInterval(pass, everyMs).unref()
  return async function stop(): Promise<void> {
    clearInterval(timer)
    await running
  }
}
