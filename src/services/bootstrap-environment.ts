import { PlatformError } from '#errors/platform-error.ts'
import { productOf } from '#model/adapters.ts'
import type { AppliedObject } from '#ports/delivery.ts'
import type { Platform } from '#workflows/platform.ts'
import { environmentOf } from '#workflows/settings.ts'
import { withIntent } from './audit/with-intent.ts'
import { authorise, type Caller } from './caller.ts'

interface Asked {
  readonly name: string
  readonly dryRun: boolean
  readonly signal: AbortSignal
}

interface Bootstrapped {
  readonly environment: string
  readonly product: string
  readonly dryRun: boolean
  readonly objects: {
    readonly name: string
    readonly change: AppliedObject['change']
    readonly object: Record<string, unknown>
  }[]
}

/** Points the product that delivers at the delivery repository, for one environment. Repeating it changes nothing. */
export async function bootstrapEnvironment(
  platform: Platform,
  caller: Caller,
  { name, dryRun, signal }: Asked,
): Promise<Bootstrapped> {
  authorise(caller, 'environment.bootstrap')
  const environment = environmentOf(await platform.settings(), name).metadata.name
  const { delivery } = platform.ports
  if (!delivery.bootstrap)
    throw new PlatformError('NOTHING_TO_BOOTSTRAP', `${environment} is delivered by the agent of this machine`, {
      hint: 'docs/adapters/readme.md says how fairway.yaml names a product',
    })
  const work = () => delivery.bootstrap?.(environment, { dryRun }, signal) ?? Promise.resolve([])
  const record = { actor: caller.person.name, action: 'environment.bootstrap', object: `environment:${environment}` }
  const applied = dryRun
    ? await work()
    : await withIntent(platform.db, {
        record,
        work,
        outcome: (objects) => ({ detail: { changed: objects.filter(({ change }) => change !== 'none').length } }),
      })
  const objects = applied.map((one) => ({ ...one, object: { ...one.object } }))
  return { environment, product: productOf(platform.adapters.running.delivery), dryRun, objects }
}
