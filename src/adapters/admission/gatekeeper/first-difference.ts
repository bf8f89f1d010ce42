/** Where two values first differ, as `match.kinds[0].kinds`; undefined when they are the same. */
export function firstDifference(wanted: unknown, live: unknown, path = ''): string | undefined {
  if (Array.isArray(wanted) && Array.isArray(live)) {
    if (wanted.length !== live.length) return path
    for (const [index, one] of wanted.entries()) {
      const found = firstDifference(one, live[index], `${path}[${index}]`)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (isRecord(wanted) && isRecord(live)) {
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(live)])) {
      const found = firstDifference(wanted[key], live[key], path ? `${path}.${key}` : key)
      if (found !== undefined) return found
    }
    return undefined
  }
  return Object.is(wanted, live) ? undefined : path
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
