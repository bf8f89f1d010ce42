/** A part of a distribution: so many values, evenly between two bounds. The last one has no end. */
export interface Segment {
  readonly low: number
  readonly high: number
  readonly count: number
}

/** The segments of a histogram with explicit bounds (upper, inclusive), weighed. */
export function segmentsOf(bounds: readonly number[], buckets: readonly number[], weight: number): Segment[] {
  return buckets.map((count, at) => ({
    low: at === 0 ? Math.min(0, bounds[0] ?? 0) : (bounds[at - 1] as number),
    high: bounds[at] ?? Number.POSITIVE_INFINITY,
    count: count * weight,
  }))
}

/**
 * The value below which that share lies, straight between bounds, from histograms that need not share their bounds.
 * What lies beyond the last bound is given as that bound: nothing more is known of it.
 */
export function quantile(segments: readonly Segment[], share: number): number | null {
  const total = segments.reduce((sum, { count }) => sum + count, 0)
  if (total <= 0) return null
  const edges = [...new Set(segments.flatMap(({ low, high }) => [low, high]))]
    .filter(Number.isFinite)
    .sort((a, b) => a - b)
  const wanted = share * total
  let before = 0
  for (const [at, edge] of edges.entries()) {
    const below = countBelow(segments, edge)
    if (below >= wanted && below > 0) {
      const start = edges[at - 1] ?? edge
      return below === before ? edge : start + ((edge - start) * (wanted - before)) / (below - before)
    }
    before = below
  }
  return edges.at(-1) ?? null
}

function countBelow(segments: readonly Segment[], edge: number): number {
  return segments.reduce((sum, { low, high, count }) => {
    if (edge >= high) return sum + count
    return edge <= low || high === Number.POSITIVE_INFINITY ? sum : sum + (count * (edge - low)) / (high - low)
  }, 0)
}
