import { type Action, can, whoMay } from '#access/can.ts'
import { PlatformError } from '#errors/platform-error.ts'
import type { Person } from '#model/people.ts'
import { findService, type ServiceRow } from '#store/service.ts'
import type { Platform } from '#workflows/platform.ts'

/** Who sends a request, and by what: the same person has the same rights whatever carries the request. */
export interface Caller {
  readonly person: Person
  readonly carrier: 'cookie' | 'token'
  /** The session's token, to end or change it. Never logged, never answered. */
  readonly token: string
}

/** Throws NOT_ALLOWED, naming who may, unless the caller may do this to an object of that team. */
export function authorise(caller: Caller, action: Action, team?: string): void {
  if (can(caller.person, action, team)) return
  throw new PlatformError('NOT_ALLOWED', `${caller.person.name} may not do this${team ? ` for ${team}` : ''}`, {
    hint: `ask ${whoMay(action, team)}`,
  })
}

/** The service of that name; SERVICE_UNKNOWN otherwise. A name that a run under way reserved counts: its page shows the run. */
export async function requireService(platform: Platform, name: string): Promise<ServiceRow> {
  const row = await findService(platform.db, name)
  if (row) return row
  throw new PlatformError('SERVICE_UNKNOWN', `no service is called ${name}`, { hint: 'fairway catalog list' })
}
