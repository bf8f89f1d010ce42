import type { IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { codeOf } from '#errors/platform-error.ts'
import type { KubernetesObject } from './objects.ts'

export type Change =
  | { readonly kind: 'present' | 'gone'; readonly object: KubernetesObject }
  /** The watch broke off, or began again: what happened in between is not known. `reason` while it is broken. */
  | { readonly kind: 'broken' | 'again'; readonly reason?: string }

export interface Watched {
  list(signal: AbortSignal): Promise<{ metadata: { resourceVersion: string }; items: readonly KubernetesObject[] }>
  open(resourceVersion: string, signal: AbortSignal): Promise<IncomingMessage>
  changed(change: Change): void
}

/** A connection that says nothing for so long is taken for cut: bookmarks come every minute. */
const silenceMs = 90_000

/** Lists, then follows, and begins anew after each cut, waiting 1 to 15 s. Returns how to stop. */
export function keepWatching(watched: Watched): () => void {
  const ending = new AbortController()
  void follow(watched, ending.signal)
  return () => ending.abort()
}

async function follow(watched: Watched, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    try {
      const { metadata, items } = await watched.list(signal)
      failures = 0
      watched.changed({ kind: 'again' })
      for (const object of items) watched.changed({ kind: 'present', object })
      await readChanges(watched, metadata.resourceVersion, signal)
    } catch (error) {
      if (signal.aborted) return
      failures += 1
      watched.changed({ kind: 'broken', reason: codeOf(error) ?? 'the connection broke off' })
    }
    const wait = Math.min(15_000, failures === 0 ? 100 : 1_000 * 2 ** (failures - 1))
    await pause(wait, undefined, { signal, ref: false }).catch(() => {})
  }
}

/** Reads until the server ends the watch, which it does every few minutes; an error means that a new list is due. */
async function readChanges(watched: Watched, from: string, signal: AbortSignal): Promise<void> {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), silenceMs).unref()
  const answer = await watched.open(from, AbortSignal.any([signal, silence.signal]))
  answer.socket?.unref?.()
  try {
    if (answer.statusCode !== 200) throw new Error(`the watch was answered with ${answer.statusCode}`)
    for await (const line of linesOf(answer)) {
      timer.refresh()
      const { type, object } = JSON.parse(line) as { type: string; object: KubernetesObject }
      if (type === 'ERROR') throw new Error('the watch is too old')
      if (type === 'ADDED' || type === 'MODIFIED') watched.changed({ kind: 'present', object })
      if (type === 'DELETED') watched.changed({ kind: 'gone', object })
    }
  } finally {
    clearTimeout(timer)
    answer.destroy()
  }
}

// readline would not tell that the connection broke.
async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield* lines.filter((line) => line.length > 0)
  }
}
