import { codeOf, type PlatformError } from '#errors/platform-error.ts'

/** So long a product may be away under a step before the step fails: an outage of ten minutes ends no run. */
const longestMs = 15 * 60_000
const longestPauseMs = 15_000

const codes: ReadonlySet<unknown> = new Set(['GIT_HOST_UNAVAILABLE', 'PRODUCT_UNREACHABLE', 'PRODUCT_RATE_LIMITED'])
/** What stands before a product says these while the product itself is away. */
const gatewayStatuses: ReadonlySet<unknown> = new Set([502, 503, 504])

/**
 * For one step: after each failure the milliseconds until it is tried again because a product is away or takes no more
 * for now, which is no attempt of the step; `undefined` when something else failed, or the product was away too long.
 */
export function absence(now: () => number = () => performance.now()): (error: unknown) => number | undefined {
  let since: number | undefined
  let turns = 0
  return (error) => {
    if (!isAway(error)) {
      since = undefined
      turns = 0
      return undefined
    }
    since ??= now()
    const left = since + longestMs - now()
    const said = ((error as PlatformError).facts?.['retryAfterSeconds'] as number | undefined) ?? 0
    if (left <= 0 || said * 1000 > left) return undefined
    turns += 1
    const pause = Math.max(said * 1000, Math.min(250 * 2 ** turns, longestPauseMs))
    return pause * (1 + Math.random() / 4) // those who wait together do not come back together
  }
}

function isAway(error: unknown): boolean {
  const code = codeOf(error)
  if (code === 'PRODUCT_FAILED') return gatewayStatuses.has((error as PlatformError).facts?.['status'])
  return codes.has(code)
}
