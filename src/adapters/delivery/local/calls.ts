import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import { AgentFile } from './schema.ts'

export interface AgentCalls {
  get<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T>
  post(path: string, signal: AbortSignal): Promise<void>
  /** A question with a body, which is never kept. */
  ask<T>(path: string, question: { body: unknown; schema: z.ZodType<T> }, signal: AbortSignal): Promise<T>
  open(path: string, signal: AbortSignal): Promise<Response>
}

const patienceMs = 10_000

/** Calls to the agent of a data folder. Its address is read each time: it may have been started anew. AGENT_UNAVAILABLE when it does not answer. */
export function agentCalls(dataFolder: string): AgentCalls {
  const call = async (path: string, signal: AbortSignal, { method, body }: { method: string; body?: unknown }) => {
    try {
      const { url, token } = AgentFile.parse(JSON.parse(await readFile(join(dataFolder, 'agent.json'), 'utf8')))
      const reply = await fetch(new URL(path, url), {
        method,
        headers: { authorization: `Bearer ${token}` },
        signal,
        redirect: 'error',
        ...(body !== undefined && { body: JSON.stringify(body) }),
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
    open: (path, signal) => call(path, signal, { method: 'GET' }),
    get: async (path, schema, signal) => readReply(await call(path, limited(signal), { method: 'GET' }), schema),
    ask: async (path, { body, schema }, signal) =>
      readReply(await call(path, limited(signal), { method: 'POST', body }), schema),
    async post(path, signal) {
      const reply = await call(path, AbortSignal.any([signal, AbortSignal.timeout(120_000)]), { method: 'POST' })
      await reply.body?.cancel()
    },
  }
}

async function readReply<T>(reply: Response, schema: z.ZodType<T>): Promise<T> {
  const value: unknown = await reply.json().catch((cause: unknown) => {
    throw unavailable(cause)
  })
  const read = schema.safeParse(value)
  if (read.success) return read.data
  throw new PlatformError('AGENT_UNAVAILABLE', 'the agent of this data folder speaks another version', {
    hint: 'stop it with `./fairway down` and start again',
    cause: read.error,
  })
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
