import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { setTimeout as pause } from 'node:timers/promises'
import type { Place } from '#ports/delivery.ts'
import type { AgentCalls } from './calls.ts'
import { WatchLine } from './schema.ts'

type Listener = (place: Place) => void

/** One connection to the agent for all listeners, kept while there is one and opened again when it ends. */
export function watchChanges(calls: AgentCalls): (listener: Listener) => () => void {
  const listeners = new Set<Listener>()
  let ending: AbortController | undefined
  const follow = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      await readLines(calls, listeners, signal).catch(() => {}) // the agent is away: a hint less, polls go on
      await pause(1_000, undefined, { signal, ref: false }).catch(() => {})
    }
  }
  return (listener) => {
    listeners.add(listener)
    if (!ending) {
      ending = new AbortController()
      void follow(ending.signal)
    }
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0) return
      ending?.abort()
      ending = undefined
    }
  }
}

async function readLines(calls: AgentCalls, listeners: ReadonlySet<Listener>, signal: AbortSignal): Promise<void> {
  const reply = await calls.open('/watch', signal)
  if (!reply.body) return
  for await (const line of createInterface({ input: Readable.fromWeb(reply.body as ReadableStream) })) {
    const { environment, service } = WatchLine.parse(JSON.parse(line))
    if (environment === undefined || service === undefined) continue
    for (const listener of listeners) listener({ environment, service })
  }
}
