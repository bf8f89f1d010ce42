import type { Metrics } from '#ports/signals.ts'
import type { Database } from '#store/database.ts'
import { readPoints } from '#store/signals-metric.ts'
import { goldenSeries } from './golden-series.ts'

/** Golden signals in PostgreSQL, as the OTLP receiver of this process stored them. */
export function localMetrics({ db }: { db: Database }): Metrics {
  return {
    async golden(scope, range, points) {
      return goldenSeries(await readPoints(db, scope, range), range, points)
    },
  }
}
