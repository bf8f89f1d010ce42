export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}

/** The value below which that part of all lies, to two decimals; 0 of none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  const at = Math.min(sorted.length - 1, Math.floor(sorted.length * part))
  return Math.round((sorted[at] ?? 0) * 100) / 100
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}
