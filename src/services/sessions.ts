import { actionsOf } from '#access/can.ts'
import { timingSafeEqual, createHash, randomBytes } from 'node:crypto'
import { PlatformError } from '#errors/platform-error.ts'
import type { Person } from '#model/people.ts'
import { inTransaction } from '#store/transaction.ts'
import { appendAudit } from '#store/audit.ts'
import { changeSessionPerson, endSession, findSession, startSession } from '#store/session.ts'
import { countAttempt, forgiveAttempt } from '#store/sign-in-attempt.ts'
import type { Platform } from '#workflows/platform.ts'
import type { Caller } from './caller.ts'

const sessionHours = { cookie: 12, token: 24 * 30 } as const

/** Keys that let somebody in as a local person: the lasting login key of this data folder, and links that work once. */
export interface LoginKeys {
  readonly lasting: string
  /** Makes a one-time key that ends after ten minutes. */
  once(): string
  /** Whether a key is good now; a one-time key is used up by the asking. */
  accept(key: string): boolean
}

export function loginKeys(lasting: string): LoginKeys {
  const oneTime = new Map<string, number>()
  return {
    lasting,
    once() {
      const key = randomBytes(24).toString('base64url')
      oneTime.set(digest(key), Date.now() + 600_000)
      return key
    },
    accept(key) {
      const ends = oneTime.get(digest(key))
      if (ends !== undefined) oneTime.delete(digest(key))
      return (ends !== undefined && ends > Date.now()) || equal(key, lasting)
    },
  }
}

export interface SignedIn {
  readonly person: Person
  readonly token: string
  readonly expiresAt: string
}

/** Signs in as a local person. LOGIN_REFUSED does not say whether name or key was wrong. */
export async function signIn(
  platform: Platform,
  keys: LoginKeys,
  { user, key, carrier, address }: { user: string; key: string; carrier: 'cookie' | 'token'; address: string },
): Promise<SignedIn> {
  const limits = { [`person:${user}`]: 10, [`address:${address}`]: 100 }
  await limitAttempts(platform, limits)
  const person = await platform.ports.identity.find(user)
  const good = keys.accept(key)
  if (!good || !person) {
    await appendAudit(platform.db, {
      actor: user,
      action: 'session.start',
      object: `person:${user}`,
      phase: 'act',
      result: 'refused',
    })
    throw new PlatformError('LOGIN_REFUSED', 'the key is wrong or used up, or there is no such person', {
      hint: 'npm start prints a fresh link; the command line reads the login key by itself',
    })
  }
  for (const subject of Object.keys(limits)) await forgiveAttempt(platform.db, subject)
  const session = await inTransaction(platform.pool, async (tx) => {
    const audit = { actor: user, action: 'session.start', object: `person:${user}`, detail: { carrier } }
    await appendAudit(tx, { ...audit, phase: 'act', result: 'ok' })
    return startSession(tx, { person: user, carrier, hours: sessionHours[carrier] })
  })
  return { person, token: session.token, expiresAt: session.expiresAt.toISOString() }
}

const windowSeconds = 60

/** Ten refused attempts a minute for one name, a hundred from one address; then neither is let in before the minute is over. */
async function limitAttempts(platform: Platform, limits: Readonly<Record<string, number>>): Promise<void> {
  const counted = await Promise.all(
    Object.entries(limits).map(
      async ([subject, most]) => (await countAttempt(platform.db, subject, windowSeconds)) > most,
    ),
  )
  if (!counted.includes(true)) return
  throw new PlatformError('RATE_LIMITED', 'too many attempts to sign in were refused', {
    hint: 'wait a minute',
    facts: { retryAfterSeconds: windowSeconds },
  })
}

/** Who a session token stands for; undefined when it is not valid or its person is gone. */
export async function callerOf(
  platform: Platform,
  token: string,
  carrier: 'cookie' | 'token',
): Promise<Caller | undefined> {
  const session = await findSession(platform.db, token)
  if (!session || session.carrier !== carrier) return undefined
  const person = await platform.ports.identity.find(session.person)
  return person && { person, carrier, token }
}

/** How to sign in here. Names of the demo people are no secret: the key is. */
export async function signInOptions(platform: Platform, version: string) {
  const { identity } = platform.ports
  const people = identity.kind === 'demo' ? await identity.people() : []
  const notice =
    'This is the embedded identity: it shows how roles work and is no wall between people who share this machine.'
  return {
    identity: identity.kind,
    people: people.map(({ name, displayName, teams, roles }) => ({ name, displayName, teams, roles })),
    notice: identity.kind === 'demo' ? notice : '',
    version,
  }
}

export function readMe(caller: Caller): { person: Person; actions: string[] } {
  return { person: caller.person, actions: actionsOf(caller.person) }
}

export async function signOut(platform: Platform, caller: Caller): Promise<boolean> {
  return inTransaction(platform.pool, async (tx) => {
    const audit = { actor: caller.person.name, action: 'session.end', object: `person:${caller.person.name}` }
    await appendAudit(tx, { ...audit, phase: 'act', result: 'ok' })
    return endSession(tx, caller.token)
  })
}

/** The demo's way to show other people's view; only where identity is local, and audited as what it is. */
export async function switchPerson(
  platform: Platform,
  caller: Caller,
  user: string,
): Promise<{ person: Person; expiresAt: string }> {
  if (platform.ports.identity.kind !== 'demo')
    throw new PlatformError('NOT_ALLOWED', 'people are switched by signing in as somebody else')
  const person = await platform.ports.identity.find(user)
  if (!person) throw new PlatformError('NOT_FOUND', `nobody is called ${user}`)
  await inTransaction(platform.pool, async (tx) => {
    const audit = { actor: caller.person.name, action: 'session.switch', object: `person:${user}` }
    await appendAudit(tx, { ...audit, phase: 'act', result: 'ok' })
    await changeSessionPerson(tx, caller.token, user)
  })
  const session = await findSession(platform.db, caller.token)
  return { person, expiresAt: (session?.expiresAt ?? new Date()).toISOString() }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function equal(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())
}
