/** Runs work with the same key one after the other, and work with different keys side by side. */
export type SerialByKey = <T>(key: string, work: () => Promise<T>) => Promise<T>

export function serialByKey(): SerialByKey {
  const tails = new Map<string, Promise<unknown>>()
  return async (key, work) => {
    const before = tails.get(key) ?? Promise.resolve()
    const turn = before.then(work, work)
    const tail = turn.catch(() => {})
    tails.set(key, tail)
    try {
      return await turn
    } finally {
      if (tails.get(key) === tail) tails.delete(key)
    }
  }
}
