import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import { AgentFile } from './schema.ts'

export interface AgentCalls {
  get<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T>
  post(path: string, signal: AbortSignal): Promise<void>
  open(path: string, signal: AbortSignal): Promise<Response>
}

const patienceMs = 10_000

/** Calls to the agent of a data folder. Its address is read each time: it may have been started anew. AGENT_UNAVAILABLE when it does not answer. */
export function agentCalls(dataFolder: string): AgentCalls {
  const call = async (method: string, path: string, signal: AbortSignal) => {
    try {
      const { url, token } = AgentFile.parse(JSON.parse(await readFile(join(dataFolder, 'agent.json'), 'utf8')))
      const reply = await fetch(new URL(path, url), {
        method,
        headers: { authorization: `Bearer ${token}` },
        signal,
        redirect: 'error',
      })
      if (reply.ok) return reply
      await reply.body?.cancel()
      throw new PlatformError('AGENT_UNAVAILABLE', `the agent answered ${reply.status}`)
    } catch (cause) {
      throw codeOf(cause) ? cause : unavailable(cause)
    }
  }
  const limited = (signal: AbortSignal) => AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
  return {
    open: (path, signal) => call('GET', path, signal),
    async get(path, schema, signal) {
      const reply = await call('GET', path, limited(signal))
      const value: unknown = await reply.json().catch((cause: unknown) => {
        throw unavailable(cause)
      })
      const read = schema.safeParse(value)
      if (read.success) return read.data
      throw new PlatformError('AGENT_UNAVAILABLE', 'the agent of this data folder speaks another version', {
        hint: 'stop it with `./fairway down` and start again',
        cause: read.error,
      })
    },
    async post(path, signal) {
      const reply = await call('POST', path, AbortSignal.any([signal, AbortSignal.timeout(120_000)]))
      await reply.body?.cancel()
    },
  }
}

function unavailable(cause: unknown): PlatformError {
  return new PlatformError(
    'AGENT_UNAVAILABLE',
    'the agent that runs workloads does not answer; what runs keeps running',
    {
      hint: 'npm start brings it back',
      cause,
    },
  )
}
