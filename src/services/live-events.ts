import { PlatformError } from '#errors/platform-error.ts'
import type { Pool, PoolClient } from 'pg'
import { eventChannel, eventsAfter, pruneEvents, publishEvent, type StoredEvent } from '#store/event.ts'
import type { Database } from '#store/database.ts'
import type { Events } from '#workflows/platform.ts'

/** What a subscriber gets: stored news with an id to come back to, or a hint without one. */
export interface LiveEvent {
  readonly id?: number
  readonly type: string
  readonly object: string
  readonly version: number
}

export interface LiveEvents extends Events {
  subscribe(listener: (event: LiveEvent) => void): () => void
  /** Stored events behind an id, for a client that comes back. */
  replay(after: number): Promise<readonly StoredEvent[]>
  start(): Promise<void>
  stop(): Promise<void>
}

const maxListeners = 2_000
const lookBack = 100

/** News for browsers and command lines over every replica: rows in one table, PostgreSQL's NOTIFY as the wake-up. */
export function liveEvents(db: Database, pool: Pool): LiveEvents {
  const listeners = new Set<(event: LiveEvent) => void>()
  const tell = (event: LiveEvent) => listeners.forEach((listener) => listener(event))
  let connection: PoolClient | undefined
  let last = 0
  const told = new Set<number>()
  let timer: NodeJS.Timeout | undefined
  let reading = Promise.resolve()
  const read = () => {
    reading = reading
      .then(async () => {
        // rows become visible in commit order, not in id order: look a little back and tell each once
        for (const event of await eventsAfter(db, last - lookBack)) {
          if (told.has(event.id)) continue
          told.add(event.id)
          last = Math.max(last, event.id)
          tell(event)
        }
        for (const id of told) if (id < last - 2 * lookBack) told.delete(id)
      })
      .catch(() => {})
  }
  return {
    publish: (type, object) => publishEvent(db, { type, object }),
    hint: (type, object) => tell({ type, object, version: 0 }),
    subscribe(listener) {
      if (listeners.size >= maxListeners)
        throw new PlatformError('SERVER_BUSY', 'too many live streams are open', { facts: { retryAfterSeconds: 10 } })
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    replay: (after) => eventsAfter(db, after),
    async start() {
      const newest = await pool.query<{ id: number }>('select coalesce(max(id), 0) as id from event')
      last = newest.rows[0]?.id ?? 0
      for (const event of await eventsAfter(db, last - lookBack)) told.add(event.id)
      connection = await pool.connect()
      connection.on('notification', read)
      await connection.query(`listen ${eventChannel}`)
      let turns = 0
      timer = setInterval(() => {
        read() // the safety net for a notification that was lost with its connection
        if (turns++ % 300 === 0) void pruneEvents(db).catch(() => {})
      }, 2_000)
    },
    async stop() {
      clearInterval(timer)
      await reading
      connection?.release(true)
    },
  }
}
