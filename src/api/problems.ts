import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { isDatabaseAway } from '#errors/database-away.ts'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import { problemOf } from '#errors/problem-of.ts'

/** Every error leaves as problem+json with a stable code and the request id; what nobody foresaw is logged whole and told in general words. */
export function registerProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = knownError(error)
    if (codeOf(known) === undefined) request.log.error({ err: error }, 'a request failed with an error nobody foresaw')
    const problem = { ...problemOf(known), requestId: request.id }
    const wait = problem.facts?.['retryAfterSeconds']
    if (typeof wait === 'number') void reply.header('retry-after', wait)
    return reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem))
  })
  app.setNotFoundHandler((request: FastifyRequest, reply) => {
    const problem = {
      ...problemOf(
        new PlatformError('NOT_FOUND', `there is nothing at ${request.method} ${request.url.split('?')[0]}`),
      ),
      requestId: request.id,
    }
    return reply.status(404).type('application/problem+json').send(JSON.stringify(problem))
  })
}

function knownError(error: FastifyError): unknown {
  if (codeOf(error) !== undefined) return error
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map((issue) => ({
      path: issue.instancePath.replace(/^\//, ''),
      message: issue.message ?? 'not valid',
    }))
    const first = errors[0]
    return new PlatformError(
      'INPUT_INVALID',
      first ? `${first.path || 'request'}: ${first.message}` : 'the request is not valid',
      { errors, hint: 'see /api/openapi.json for the shape' },
    )
  }
  if (error.statusCode === 429) return new PlatformError('RATE_LIMITED', 'too many requests')
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new PlatformError('CROSS_SITE_REFUSED', 'writes take application/json only')
  if (error.statusCode === 413) return new PlatformError('BODY_TOO_LARGE', 'the request is larger than 1 MiB')
  if (error.statusCode !== undefined && error.statusCode < 500) return new PlatformError('INPUT_INVALID', error.message)
  return isDatabaseAway(error)
    ? new PlatformError('DATABASE_UNAVAILABLE', 'PostgreSQL does not answer', { hint: 'repeat in a moment' })
    : error
}
