import { PlatformError } from '#errors/platform-error.ts'

/** The same value always gives the same text: keys sorted, no spaces. INPUT_INVALID for what JSON cannot hold. */
export function canonicalJson(value: unknown): string {
  try {
    return JSON.stringify(sorted(JSON.parse(JSON.stringify(value))))
  } catch (cause) {
    throw new PlatformError('INPUT_INVALID', 'What the policy engine was asked about is not JSON.', { cause })
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}
