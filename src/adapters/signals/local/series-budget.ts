import { createHash } from 'node:crypto'
import { attributesOf, attributeText } from '#lib/otlp/attributes.ts'
import { list, record } from '#lib/otlp/attributes.ts'
import type { RawPoint } from '#lib/otlp/metric-points.ts'

const forgetMs = 3_600_000
const crowd = 2_000

/** Which points may pass: those of known series, and new series up to a limit per workload and hour. A label with unbounded values must not fill the store. */
export function seriesBudget(limit: number, now: () => number = () => performance.now()) {
  const workloads = new Map<string, { known: Set<string>; since: number }>()
  return {
    within(workload: string, points: readonly RawPoint[]): readonly RawPoint[] {
      const found = workloads.get(workload)
      const series = found && now() - found.since < forgetMs ? found : { known: new Set<string>(), since: now() }
      if (!found && workloads.size >= crowd)
        for (const [name, { since }] of workloads) if (now() - since >= forgetMs) workloads.delete(name)
      workloads.set(workload, series)
      return points.filter((point) => {
        const key = seriesOf(point)
        if (series.known.has(key)) return true
        const weight = Math.max(1, list(record(point.point)['bucketCounts']).length)
        if (series.known.size + weight > limit) return false
        series.known.add(key)
        return true
      })
    },
  }
}

function seriesOf({ resource, metric, point }: RawPoint): string {
  const instance = attributeText(resource, 'service.instance.id', 'k8s.pod.name', 'host.name')
  const sorted = Object.entries(attributesOf(record(point)['attributes'])).sort(([one], [other]) =>
    one < other ? -1 : 1,
  )
  return createHash('sha256')
    .update(JSON.stringify([metric['name'], instance, sorted]))
    .digest('base64url')
    .slice(0, 16)
}
