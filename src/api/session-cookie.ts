import type { FastifyReply, FastifyRequest } from 'fastify'
import { signIn, signOut } from './contract/sessions.ts'
import type { RouteDefinition } from './route.ts'

/** The cookie's name holds the port: browsers share cookies over ports, and two platforms may run side by side. */
export function sessionCookieName(request: FastifyRequest): string {
  return `fairway_session_${request.socket.localPort ?? 0}`
}

/**
 * Moves a browser's session token from the answer into a cookie that no script can read, and takes the cookie away at
 * sign-out. Answers for the command line stay as they are.
 */
export function carryByCookie(
  definition: RouteDefinition,
  { request, reply, answer }: { request: FastifyRequest; reply: FastifyReply; answer: unknown },
): unknown {
  const name = sessionCookieName(request)
  const options = { httpOnly: true, sameSite: 'strict', path: '/' } as const
  if (definition.id === signOut.id) void reply.clearCookie(name, options)
  if (definition.id !== signIn.id || (request.body as { carrier?: unknown }).carrier !== 'cookie') return answer
  const { token, ...rest } = answer as { token: string; expiresAt: string }
  void reply.setCookie(name, token, { ...options, expires: new Date(rest.expiresAt) })
  return rest
}
