import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import { recorderOf, type RecordPlace } from './recorder.ts'

/** How long a stop waits for the Git host; the next start records what is left. */
const lastMs = 10_000

/**
 * Brings what the index knows into Git within a second or so, many rows in one commit. No step waits for it, and a Git
 * host that is away delays it only: the notes wait in the database. The stop records what is left.
 */
export function keepRecords(place: RecordPlace & { log: Logger }, everyMs = 700): () => Promise<void> {
  const stopping = new AbortController()
  const recorder = recorderOf(place)
  let complained = -Infinity
  const turn = () =>
    recorder.record().catch((error: unknown) => {
      if (performance.now() - complained < 60_000) return
      complained = performance.now()
      place.log.error({ err: error }, 'what happened could not be recorded in Git; the next turn tries')
    })
  const turns = (async () => {
    while (!stopping.signal.aborted) {
      await turn()
      await pause(everyMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  })()
  return async () => {
    stopping.abort()
    await turns
    await Promise.race([turn(), pause(lastMs, undefined, { ref: false })])
  }
}
