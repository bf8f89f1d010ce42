import type { Database } from './database.ts'
import type { SignalStream } from './signals-stream.ts'

export interface SignalsAppended {
  /** Calls every listener of the stream. One that throws hurts nobody else. */
  tell(stream: SignalStream): void
  /** Returns the unsubscribe. */
  listen(stream: SignalStream, listener: () => void): () => void
}

const known = new WeakMap<Database, SignalsAppended>()

/** Who wants to know that lines arrived: one per open database, so that writer and readers of one process share it. */
export function signalsAppended(db: Database): SignalsAppended {
  const found = known.get(db) ?? create()
  known.set(db, found)
  return found
}

function create(): SignalsAppended {
  const listeners = new Map<string, Set<() => void>>()
  return {
    tell(stream) {
      for (const listener of listeners.get(keyOf(stream)) ?? []) queueMicrotask(() => quietly(listener))
    },
    listen(stream, listener) {
      const key = keyOf(stream)
      const own = () => listener()
      const set = listeners.get(key) ?? new Set()
      listeners.set(key, set.add(own))
      return () => {
        set.delete(own)
        if (set.size === 0 && listeners.get(key) === set) listeners.delete(key)
      }
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

function keyOf({ service, environment }: SignalStream): string {
  return `${environment}/${service}`
}
