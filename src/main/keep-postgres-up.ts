import { setTimeout as pause } from 'node:timers/promises'
import { isGroupAlive, startMark } from '#lib/process-group.ts'
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from '#store/embedded-postgres.ts'

/** Starts the embedded server again, on the same port, when it dies under us. `end` stops watching and gives the last one. */
export function keepPostgresUp(
  options: EmbeddedPostgresOptions,
  first: EmbeddedPostgres,
): { end(): Promise<EmbeddedPostgres> } {
  const ending = new AbortController()
  const watched = watch(options, first, ending.signal)
  return {
    end() {
      ending.abort()
      return watched
    },
  }
}

async function watch(
  options: EmbeddedPostgresOptions,
  first: EmbeddedPostgres,
  signal: AbortSignal,
): Promise<EmbeddedPostgres> {
  let server = first
  let started = startMark(server.pid) ?? 'gone'
  while (!signal.aborted) {
    await pause(500, undefined, { signal, ref: false }).catch(() => {})
    if (signal.aborted || isGroupAlive({ pid: server.pid, started })) continue
    try {
      const next = await startEmbeddedPostgres({ ...options, port: first.port })
      if (next.port !== first.port) {
        await next.stop()
        throw new Error(`port ${first.port}, on which the platform looks for it, is taken`)
      }
      server = next
      started = startMark(server.pid) ?? 'gone'
      options.log(`PostgreSQL had ended; it runs again (process ${server.pid})`)
    } catch (error) {
      options.log(`PostgreSQL ended and does not start: ${error instanceof Error ? error.message : String(error)}`)
      await pause(5_000, undefined, { signal, ref: false }).catch(() => {})
    }
  }
  return server
}
