import { PlatformError } from '#errors/platform-error.ts'
import type { LentRoute } from '#model/dev-session.ts'
import type { Lending } from '#ports/delivery.ts'
import type { Platform } from '#workflows/platform.ts'
import { withIntent } from '../audit/with-intent.ts'
import { authorise, type Caller, requireService } from '../caller.ts'

interface LeaseOf {
  readonly service: string
  readonly lease: string
  readonly signal: AbortSignal
}

/** Lends names to a process of the caller. They come from service and person alone: nobody names a host. */
export async function openDevRoute(
  platform: Platform,
  caller: Caller,
  { service, port, proof, signal }: { service: string; port: number; proof: string; signal: AbortSignal },
): Promise<LentRoute> {
  await requireMember(platform, caller, service)
  const lending = requireGateway(platform)
  const person = caller.person.name
  return withIntent(platform.db, {
    record: { actor: person, action: 'dev.open', object: `service:${service}`, detail: { port } },
    work: () => lending.open({ service, person, port, proof }, signal),
    outcome: ({ url }) => ({ detail: { port, url } }),
  })
}

/** Keeps them for the same process. It changes nothing that `dev.open` did not record. */
export async function renewDevRoute(
  platform: Platform,
  caller: Caller,
  { service, lease, signal }: LeaseOf,
): Promise<LentRoute> {
  await requireMember(platform, caller, service)
  return requireGateway(platform).renew({ id: lease, service, person: caller.person.name }, signal)
}

export async function closeDevRoute(
  platform: Platform,
  caller: Caller,
  { service, lease, signal }: LeaseOf,
): Promise<{ closed: boolean }> {
  await requireMember(platform, caller, service)
  const lending = requireGateway(platform)
  const person = caller.person.name
  return withIntent(platform.db, {
    record: { actor: person, action: 'dev.close', object: `service:${service}` },
    work: async () => ({ closed: await lending.close({ id: lease, service, person }, signal) }),
  })
}

async function requireMember(platform: Platform, caller: Caller, service: string): Promise<void> {
  const { owner } = await requireService(platform, service)
  authorise(caller, 'service.develop', owner)
}

function requireGateway({ ports }: Platform): Lending {
  const { lending } = ports.delivery
  if (lending) return lending
  throw new PlatformError('NO_GATEWAY_HERE', 'no gateway of the platform’s own runs here', {
    hint: 'use the address on your own machine',
  })
}
