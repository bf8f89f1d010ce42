import type { FastifyReply, FastifyRequest } from 'fastify'
import { PlatformError } from '#errors/platform-error.ts'
import { oldestClient, productVersion } from './version.ts'

/** Says the platform's version in every answer of the API; a command line that is too old gets CLIENT_TOO_OLD before anything is done. */
export function exchangeVersions(request: FastifyRequest, reply: FastifyReply): void {
  void reply.header('fairway-version', productVersion)
  const [, version] = /^cli\/(\d+\.\d+\.\d+)$/.exec(String(request.headers['fairway-client'] ?? '')) ?? []
  if (version === undefined || !isOlder(version, oldestClient)) return
  throw new PlatformError(
    'CLIENT_TOO_OLD',
    `this command line is ${version}, the platform ${productVersion} takes ${oldestClient} or newer`,
    { hint: 'bring its checkout up to date: git pull, then run the command again' },
  )
}

/** Versions as major.minor.patch; what stands behind a hyphen is not asked here. */
export function isOlder(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => text.split('.').map(Number))
  const at = [0, 1, 2].find((index) => a?.[index] !== b?.[index]) ?? 0
  return (a?.[at] ?? 0) < (b?.[at] ?? 0)
}
