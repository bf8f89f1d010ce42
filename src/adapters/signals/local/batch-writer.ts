import { PlatformError } from '#errors/platform-error.ts'

export interface BatchWriterOptions<T> {
  readonly insert: (items: readonly T[]) => Promise<void>
  /** Most of one insert. */
  readonly maxRows: number
  readonly maxBytes: number
  /** Most that may wait; more is refused with SERVER_BUSY, so memory stays bounded while the database is slow or away. */
  readonly maxWaitingRows: number
  readonly maxWaitingBytes: number
}

export interface BatchWriter<T> {
  /** Resolves when the items are stored, in the order of the calls. */
  add(items: readonly T[], bytes: number): Promise<void>
  readonly waiting: { readonly rows: number; readonly bytes: number }
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>
}

interface Entry<T> {
  readonly items: readonly T[]
  readonly bytes: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Gathers what many senders bring while the last insert runs into the next one: one writer, so order is kept. */
export function batchWriter<T>(options: BatchWriterOptions<T>): BatchWriter<T> {
  const queue: Entry<T>[] = []
  const waiting = { rows: 0, bytes: 0 }
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    while (queue.length > 0) await write(take(queue, options), options.insert)
    running = undefined
  }

  return {
    waiting,
    async add(items, bytes) {
      if (items.length === 0) return
      const full =
        waiting.rows + items.length > options.maxWaitingRows || waiting.bytes + bytes > options.maxWaitingBytes
      if (full)
        throw new PlatformError('SERVER_BUSY', 'too many signals wait to be stored', { hint: 'send them again' })
      waiting.rows += items.length
      waiting.bytes += bytes
      try {
        await new Promise<void>((resolve, reject) => {
          queue.push({ items, bytes, resolve, reject })
          running ??= run()
        })
      } finally {
        waiting.rows -= items.length
        waiting.bytes -= bytes
      }
    },
    async drained() {
      await running
    },
  }
}

function take<T>(queue: Entry<T>[], { maxRows, maxBytes }: BatchWriterOptions<T>): Entry<T>[] {
  let rows = 0
  let bytes = 0
  let count = 0
  for (const entry of queue) {
    rows += entry.items.length
    bytes += entry.bytes
    if (count > 0 && (rows > maxRows || bytes > maxBytes)) break
    count++
  }
  return queue.splice(0, count)
}

// Where an insert fails, each sender's part is tried alone: one that the database refuses must not cost the others theirs.
async function write<T>(entries: readonly Entry<T>[], insert: (items: readonly T[]) => Promise<void>): Promise<void> {
  try {
    await insert(entries.length === 1 && entries[0] ? entries[0].items : entries.flatMap(({ items }) => items))
    for (const entry of entries) entry.resolve()
  } catch (error) {
    if (entries.length > 1 && isRefusal(error)) for (const entry of entries) await write([entry], insert)
    else for (const entry of entries) entry.reject(error)
  }
}

/** Whether the database took issue with the data itself: trying the same again cannot help. */
export function isRefusal(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' && /^(?:22|23|54)[0-9A-Z]{3}$/.test(code)
}
