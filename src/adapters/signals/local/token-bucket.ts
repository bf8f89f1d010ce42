/** Lets `perSecond` units through, and up to `burst` at once after a rest. */
export interface TokenBucket {
  /** How many of the units asked for may pass now. */
  take(wanted: number): number
  /** When it was last asked, in milliseconds of the clock. */
  readonly askedAt: number
}

export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

export function tokenBucket({ perSecond, burst }: Rate, now: () => number = () => performance.now()): TokenBucket {
  let left = burst
  let at = now()
  return {
    take(wanted) {
      const time = now()
      left = Math.min(burst, left + ((time - at) * perSecond) / 1000)
      at = time
      const given = Math.min(wanted, Math.floor(left))
      left -= given
      return given
    },
    get askedAt() {
      return at
    },
  }
}
