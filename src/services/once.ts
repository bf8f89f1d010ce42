import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { PlatformError } from '#errors/platform-error.ts'
import { dropKey, keepAnswer, readKey, takeKey } from '#store/idempotency.ts'
import type { Database } from '#store/database.ts'
import type { Caller } from './caller.ts'

/** Names a request: the same key with another request is refused. */
export interface KeyedRequest {
  readonly route: string
  readonly key: string
  /** Everything that the request says. */
  readonly request: unknown
}

const underWay = new Map<string, Promise<unknown>>()
/** Longer than any request takes: whoever held the key has died, and what it did is safe to repeat. */
const abandonedSeconds = 60

/**
 * Does the work once for a person's Idempotency-Key, and gives everybody who repeats the request the first answer. What
 * fails is forgotten, so that it can be repeated. A key is a person's own: another's same key is another key.
 */
export async function once<T>(
  db: Database,
  { caller, route, key, request }: KeyedRequest & { readonly caller: Caller },
  work: () => Promise<T>,
): Promise<T> {
  const claim = { actor: caller.person.name, key, route, bodyDigest: digestOfRequest(request) }
  for (let waited = 0; ; waited++) {
    if (await takeKey(db, claim, { abandonedSeconds })) return await share(claim, () => firstAnswer(db, claim, work))
    const known = await readKey(db, claim)
    if (known && !known.sameRequest) throw otherRequest()
    if (known?.answer !== undefined) return known.answer as T
    const mine = underWay.get(nameOf(claim))
    if (mine)
      await mine.catch(() => {}) // it failed or is kept by now; the next turn tells
    else if (waited > 200) throw new PlatformError('CONFLICT', 'the first request with this key is still under way')
    else await wait(100)
  }
}

/** The same digest for the same JSON, however its keys are ordered. */
export function digestOfRequest(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(ordered(value)) ?? '')
    .digest('hex')
}

export function otherRequest(): PlatformError {
  return new PlatformError('IDEMPOTENCY_CONFLICT', 'this Idempotency-Key was used with another request', {
    hint: 'use a new key for a new request',
  })
}

type Claim = Parameters<typeof takeKey>[1]

async function firstAnswer<T>(db: Database, claim: Claim, work: () => Promise<T>): Promise<T> {
  try {
    const answer = await work()
    await keepAnswer(db, claim, answer)
    return answer
  } catch (error) {
    await dropKey(db, claim)
    throw error
  }
}

async function share<T>(claim: Claim, work: () => Promise<T>): Promise<T> {
  const name = nameOf(claim)
  const shared = work()
  underWay.set(name, shared)
  try {
    return await shared
  } finally {
    underWay.delete(name)
  }
}

function nameOf({ actor, key }: Claim): string {
  return JSON.stringify([actor, key])
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, part]) => [name, ordered(part)]))
}
