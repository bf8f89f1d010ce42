/** Random numbers that a seed repeats (mulberry32). */
export function drawer(seed: number) {
  let state = seed | 0
  const share = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (end: number) => Math.floor(share() * end)
  return {
    below,
    chance: (likely: number) => share() < likely,
    from: <T>(list: readonly T[]): T => list[below(list.length)] as T,
    /** Two different numbers below `end`, in order. */
    pair(end: number): [number, number] {
      const one = below(end)
      const other = (one + 1 + below(end - 1)) % end
      return one < other ? [one, other] : [other, one]
    },
  }
}

export type Draw = ReturnType<typeof drawer>
