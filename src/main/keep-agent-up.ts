import { setTimeout as pause } from 'node:timers/promises'
import { type AgentOptions, ensureAgent, findAgent } from './agent-process.ts'

const everyMs = 3_000

/** Starts the agent again when it dies while the platform lives: workloads run on meanwhile, their gateway does not. Gives the stop. */
export function keepAgentUp(options: AgentOptions, log: (line: string) => void): () => Promise<void> {
  const ending = new AbortController()
  const watched = watch(options, { log, signal: ending.signal })
  return async () => {
    ending.abort()
    await watched
  }
}

async function watch(
  options: AgentOptions,
  { log, signal }: { log: (line: string) => void; signal: AbortSignal },
): Promise<void> {
  for (;;) {
    await pause(everyMs, undefined, { signal, ref: false }).catch(() => {})
    if (signal.aborted) return
    try {
      if (await findAgent(options.data)) continue
      const { ref } = await ensureAgent(options)
      log(`the agent had ended; it runs again (process ${ref.pid}) and has taken its workloads over`)
    } catch (error) {
      log(`the agent ended and does not start: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
