import type { TestControlPlane } from '../../../testing/control-plane.ts'
import type { Cell, Expected } from './cells.ts'
import { carriers } from './carriers.ts'

export interface Answer {
  readonly status: number
  readonly code: string | undefined
  /** What every answer must carry or must not, whoever asked. */
  readonly faults: readonly string[]
}

/** Asks the real server as the cell says. */
export async function ask(plane: TestControlPlane, { asked, carrier, visitor }: Cell): Promise<Answer> {
  const carried = await carriers[carrier](plane, visitor)
  const join = asked.path.includes('?') ? '&' : '?'
  const path = carried.query ? `${asked.path}${join}${carried.query}` : asked.path
  const stop = new AbortController()
  const reply = await fetch(`${plane.url}${path}`, {
    method: asked.method,
    headers: {
      ...(asked.json !== undefined && { 'content-type': 'application/json' }),
      ...(asked.body && { 'content-type': asked.body.type }),
      ...carried.headers,
    },
    ...(asked.json !== undefined && { body: JSON.stringify(asked.json) }),
    ...(asked.body && { body: asked.body.text }),
    signal: stop.signal,
  })
  const isStream = reply.headers.get('content-type') === 'text/event-stream'
  const text = isStream ? '' : await reply.text()
  if (isStream) stop.abort()
  return {
    status: reply.status,
    code: codeIn(text),
    faults: faultsOf(reply, { text, path: asked.path, isRead: asked.method === 'GET' }),
  }
}

/**
 * What is wrong with an answer for what was promised; undefined when nothing is. The control plane asked has no agent: who gets
 * as far as hearing that was let in.
 */
export function verdict(expected: Expected, { status, code }: Pick<Answer, 'status' | 'code'>): string | undefined {
  const said = `${status} ${code ?? ''}`.trim()
  if (status >= 500 && code !== 'AGENT_UNAVAILABLE') return `failed with ${said}`
  if (expected === 'nothing') return [401, 403, 404].includes(status) ? undefined : `expected a refusal, got ${said}`
  const given: Expected = status === 401 ? 'sign in' : status === 403 ? 'not allowed' : 'open'
  return given === expected ? undefined : `expected ${expected}, got ${said}`
}

function faultsOf(
  { headers, status }: Response,
  { text, path, isRead }: { text: string; path: string; isRead: boolean },
): string[] {
  const faults: string[] = []
  if (!/frame-ancestors 'none'/.test(headers.get('content-security-policy') ?? '')) faults.push('may be framed')
  if (headers.get('x-content-type-options') !== 'nosniff') faults.push('may be guessed at')
  const isPrivate = /^\/(api|git|otlp)\//.test(path) && path !== '/api/openapi.json'
  if (isPrivate && isRead && status < 400 && !/no-(store|cache)/.test(headers.get('cache-control') ?? ''))
    faults.push('may be kept')
  if (isPrivate && !/cookie/i.test(headers.get('vary') ?? '')) faults.push('does not vary by who asks')
  if (status >= 400 && leak.test(text)) faults.push(`shows what is inside: ${leak.exec(text)?.[0]}`)
  return faults
}

/** Stacks, places of files, SQL and tokens. */
export const leak =
  /node_modules|\.ts:\d|\n\s+at \w|\b(select|insert into|update|delete from) \w+ |\/tmp\/|fws_|postgres:\/\//i

function codeIn(text: string): string | undefined {
  return /"code":"([A-Z_]+)"/.exec(text)?.[1]
}
