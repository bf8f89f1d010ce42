import { z } from 'zod'
import { Name } from '#model/names.ts'
import { Person } from '#model/people.ts'
import { route } from '../route.ts'

export const signInOptions = route({
  id: 'sessions.options',
  method: 'GET',
  path: '/api/v1/sign-in',
  summary: 'How to sign in here, and as whom',
  access: 'anonymous',
  reply: z.object({
    identity: z.enum(['demo', 'oidc']),
    people: z.array(
      z.object({ name: Name, displayName: z.string(), teams: z.array(Name), roles: z.array(z.string()) }),
    ),
    /** What the embedded identity does and does not protect. */
    notice: z.string(),
    version: z.string(),
  }),
})

export const signIn = route({
  id: 'sessions.create',
  method: 'POST',
  path: '/api/v1/sessions',
  summary: 'Sign in as a local person with the login key or a one-time key',
  access: 'anonymous',
  repeat: { free: 'a key belongs to a person, and nobody is signed in yet; its answer is a secret that is not kept' },
  body: z.strictObject({
    user: Name,
    key: z.string().min(8).max(200),
    /** `token` answers a bearer token for the CLI instead of setting a cookie. */ carrier: z
      .enum(['cookie', 'token'])
      .default('cookie'),
  }),
  reply: z.object({ person: Person, token: z.string().optional(), expiresAt: z.iso.datetime() }),
  status: 201,
})

export const signOut = route({
  id: 'sessions.end',
  method: 'DELETE',
  path: '/api/v1/sessions/current',
  summary: 'Sign out',
  access: 'signed-in',
  repeat: { free: 'a session that has ended stays ended' },
  reply: z.object({ ended: z.boolean() }),
})

/** Switching the demo person from inside the portal needs no second key: the session proves that the key was known. */
export const switchPerson = route({
  id: 'sessions.switch',
  method: 'POST',
  path: '/api/v1/sessions/current/person',
  summary: 'Act as another local person from now on (embedded identity only)',
  access: 'signed-in',
  repeat: { free: 'acting as the same person again changes nothing' },
  body: z.strictObject({ user: Name }),
  reply: z.object({ person: Person, expiresAt: z.iso.datetime() }),
})

export const me = route({
  id: 'sessions.me',
  method: 'GET',
  path: '/api/v1/me',
  summary: 'Who I am here',
  access: 'signed-in',
  reply: z.object({
    person: Person,
    /** Actions my roles allow somewhere, for showing or hiding buttons. */ actions: z.array(z.string()),
  }),
})
