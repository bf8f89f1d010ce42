import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RouteDefinition } from '../../../src/api/route.ts'
import type { TestPlatform } from '../../../testing/start-platform.ts'

export interface Answer {
  /** 0 when the connection ended without an answer. */
  readonly status: number
  readonly text: string
  readonly code?: string | undefined
  readonly run?: string | undefined
}

export interface Asker {
  token(person: string): Promise<string>
  send(path: string, request: Sent): Promise<Answer>
}

export interface Sent {
  readonly token: string
  readonly method?: string
  readonly key?: string
  readonly body?: unknown
}

/** Real HTTP requests to a platform; none is ever repeated by itself. */
export function askerOf({ url, data }: TestPlatform): Asker {
  const send = async (path: string, { token, method = 'POST', key, body }: Sent): Promise<Answer> => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key && { 'idempotency-key': key }),
    }
    try {
      const reply = await fetch(`${url}${path}`, {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      return answerOf(reply.status, await reply.text())
    } catch {
      return { status: 0, text: '' }
    }
  }
  return {
    send,
    async token(person) {
      const key = (await readFile(join(data, 'login-key'), 'utf8')).trim()
      const body = { user: person, key, carrier: 'token' }
      const { text } = await send('/api/v1/sessions', { token: 'none', body })
      return (JSON.parse(text) as { token: string }).token
    },
  }
}

function answerOf(status: number, text: string): Answer {
  const body = JSON.parse(text) as { code?: string; run?: { id: string } }
  return { status, text, ...(body.code && { code: body.code }), ...(body.run && { run: body.run.id }) }
}

const head = '0'.repeat(40)
const change = { ':owner': 'fairway', ':repo': 'platform', ':number': '1' }

/** One well-formed request for every writing route that keeps keys; what it would do does not matter, since its key is taken. */
const samples: Readonly<Record<string, { readonly params?: Record<string, string>; readonly body?: unknown }>> = {
  'services.create': { body: { template: 'http-api', name: 'another', owner: 'team-a', values: {} } },
  'services.promote': { params: { ':name': 'one-run' }, body: { to: 'staging' } },
  'services.rollback': { params: { ':name': 'one-run' }, body: { environment: 'dev' } },
  'services.adopt': { body: { repository: { owner: 'team-a', name: 'one-run' } } },
  'services.tour-act': { params: { ':name': 'one-run' }, body: { act: 'break' } },
  'changes.open': { body: { repo: { owner: 'fairway', name: 'platform' }, branch: 'none', title: 'None' } },
  'changes.review': { params: change, body: { decision: 'approve', head } },
  'changes.merge': { params: change, body: { head } },
  'changes.close': { params: change, body: {} },
  'runs.retry': { params: { ':id': 'none' }, body: {} },
  'runs.cancel': { params: { ':id': 'none' }, body: {} },
  'runs.undo': { params: { ':id': 'none' }, body: {} },
  'secrets.remove': { params: { ':name': 'one-run', ':environment': 'dev', ':secret': 'db.password' } },
  'catalog.refresh': { body: {} },
  'platform.rebuild': { body: {} },
}

/** Routes whose request needs an object that this platform does not have, and where their keys are held. */
export const heldElsewhere: Readonly<Record<string, string>> = {
  'drift.revert': 'needs an open drift: src/services/drift/drift.test.ts asks twice with one key',
  'environments.bootstrap': 'needs a product that delivers; repeating it changes nothing',
  'environments.detach': 'needs a product that delivers; repeating it goes on with what is left',
  'dev.start': 'starts nothing that is kept: each answer is one session of one process',
  'dev.open': 'needs a process that proves itself: test/journeys/inner-loop.test.ts refuses a second one',
  'dev.renew': 'needs a lease: src/agent/gateway/lent-routes.test.ts',
  'dev.close': 'needs a lease: src/agent/gateway/lent-routes.test.ts',
  'drift.adopt': 'needs an open drift; goes through startRun as drift.revert does',
}

/** The request of a route; undefined for one that the proof has no sample of. */
export function sampleOf(route: RouteDefinition): { path: string; method: string; body?: unknown } | undefined {
  const sample = samples[route.id]
  if (!sample) return undefined
  const path = Object.entries(sample.params ?? {}).reduce<string>(
    (text, [name, value]) => text.replace(name, value),
    route.path,
  )
  return { path, method: route.method, ...(sample.body !== undefined && { body: sample.body }) }
}
