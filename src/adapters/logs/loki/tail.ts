import { setTimeout as pause } from 'node:timers/promises'

/** Many readers of one stream, one question to the product: who follows is told, and reads what it wants itself. */
export interface Tail {
  follow(key: string, newest: () => Promise<string | undefined>, listener: () => void): () => void
  /** Streams that are watched now. */
  readonly watched: number
  close(): void
}

interface Watched {
  readonly listeners: Set<() => void>
  readonly stop: AbortController
}

/**
 * Asks for the newest line's cursor once per beat and stream as long as somebody follows it. It holds no line, so a
 * flood costs it nothing. While the product cannot be asked the beat slows down; the first answer after that tells
 * everybody, since lines may have come meanwhile.
 */
export function createTail({ everyMs = 1_000, slowestMs = 15_000 } = {}): Tail {
  const streams = new Map<string, Watched>()

  async function watch({ listeners, stop }: Watched, newest: () => Promise<string | undefined>): Promise<void> {
    let last: string | undefined
    let first = true
    let wait = everyMs
    while (!stop.signal.aborted) {
      try {
        const now = await newest()
        const recovered = wait > everyMs
        wait = everyMs
        if (!first && (now !== last || recovered)) for (const listener of listeners) quietly(listener)
        last = now
        first = false
      } catch {
        wait = Math.min(slowestMs, wait * 2)
      }
      await pause(wait, undefined, { signal: stop.signal, ref: false }).catch(() => {})
    }
  }

  return {
    get watched() {
      return streams.size
    },
    follow(key, newest, listener) {
      const known = streams.get(key)
      const stream = known ?? { listeners: new Set(), stop: new AbortController() }
      const own = () => listener()
      stream.listeners.add(own)
      if (!known) {
        streams.set(key, stream)
        void watch(stream, newest)
      }
      return () => {
        stream.listeners.delete(own)
        if (stream.listeners.size > 0 || streams.get(key) !== stream) return
        stream.stop.abort()
        streams.delete(key)
      }
    },
    close() {
      for (const { stop } of streams.values()) stop.abort()
      streams.clear()
    },
  }
}

function quietly(listener: () => void): void {
  try {
    listener()
  } catch {
    // a hint: whoever missed it reads again on its own
  }
}
