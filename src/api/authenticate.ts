import type { FastifyRequest } from 'fastify'
import { PlatformError } from '#errors/platform-error.ts'
import type { Caller } from '#services/caller.ts'
import { sessionCookieName } from './session-cookie.ts'

/** The session token of a request and what carried it; undefined when there is none. */
export function sessionToken(request: FastifyRequest): { token: string; carrier: 'cookie' | 'token' } | undefined {
  const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (bearer) return { token: bearer, carrier: 'token' }
  const cookie = request.cookies[sessionCookieName(request)]
  return cookie ? { token: cookie, carrier: 'cookie' } : undefined
}

/** Finds out who sends a request, once per request. */
export function authenticator(
  find: (token: string, carrier: 'cookie' | 'token') => Promise<Caller | undefined>,
): (request: FastifyRequest) => Promise<Caller | undefined> {
  return async (request) => {
    const session = sessionToken(request)
    return session && find(session.token, session.carrier)
  }
}

/** Refuses writes that another site made a browser send: by Origin and Sec-Fetch-Site, for every carrier alike. */
export function refuseCrossSite(request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  const { origin } = request.headers
  const site = request.headers['sec-fetch-site']
  const sameOrigin = origin === undefined || originHost(origin) === request.headers.host
  if (sameOrigin && (site === undefined || site === 'same-origin' || site === 'none')) return
  throw new PlatformError('CROSS_SITE_REFUSED', 'the request comes from another site')
}

function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
