export interface Remembered<T> {
  get(key: string, read: () => Promise<T>): Promise<T>
}

/** Keeps what a key gave, for keys whose value never changes; beyond `most` the one unused for longest goes. Failures are not kept. */
export function remembered<T>(most: number): Remembered<T> {
  const known = new Map<string, Promise<T>>()
  return {
    get(key, read) {
      const found = known.get(key) ?? read()
      known.delete(key)
      known.set(key, found)
      found.catch(() => known.delete(key))
      const [oldest] = known.keys()
      if (known.size > most && oldest !== undefined) known.delete(oldest)
      return found
    },
  }
}
