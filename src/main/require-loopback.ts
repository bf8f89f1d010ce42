import { PlatformError } from '#errors/platform-error.ts'

const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost'])

/** Whether a host name means this machine alone. */
export function isLoopback(host: string): boolean {
  return loopback.has(host)
}

/** The embedded identity trusts a name and a key of this machine, so nobody else may reach it: refused before anything starts. */
export function requireLoopback(host: string): void {
  if (isLoopback(host)) return
  throw new PlatformError('IDENTITY_NEEDS_LOOPBACK', `local identity does not work on ${host}`, {
    hint: 'leave FAIRWAY_HOST unset',
  })
}
