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

interface Pointed {
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
export async function bootstrapEnvironment(platform: Platform, caller: Caller, asked: Asked): Promise<Pointed> {
  authorise(caller, 'environment.bootstrap')
  return point(platform, caller, { ...asked, act: 'bootstrap' })
}

/** Takes it off again, with everything it deployed there; `objects` are still there, none once all is gone. */
export async function detachEnvironment(platform: Platform, caller: Caller, asked: Asked): Promise<Pointed> {
  authorise(caller, 'environment.detach')
  return point(platform, caller, { ...asked, act: 'detach' })
}

async function point(
  platform: Platform,
  caller: Caller,
  { name, dryRun, signal, act }: Asked & { act: 'bootstrap' | 'detach' },
): Promise<Pointed> {
  const environment = environmentOf(await platform.settings(), name).metadata.name
  const { delivery } = platform.ports
  const product = productOf(platform.adapters.running.delivery)
  const pointed = delivery[act]
  if (!pointed) throw nothingTo(act, { environment, product })
  const work = () => pointed.call(delivery, environment, { dryRun }, signal)
  const record = {
    actor: caller.person.name,
    action: `environment.${act}`,
    object: `environment:${environment}`,
  } as const
  const applied = dryRun
    ? await work()
    : await withIntent(platform.db, {
        record,
        work,
        outcome: (objects) => ({ detail: { changed: objects.filter(({ change }) => change !== 'none').length } }),
      })
  const objects = applied.map((one) => ({ ...one, object: { ...one.object } }))
  return { environment, product, dryRun, objects }
}

function nothingTo(act: 'bootstrap' | 'detach', { environment, product }: { environment: string; product: string }) {
  const isAgent = product === 'local'
  const code = act === 'bootstrap' ? 'NOTHING_TO_BOOTSTRAP' : 'NOTHING_TO_DETACH'
  const message = isAgent
    ? `${environment} is delivered by the agent of this machine`
    : `Fairway does not know how to ${act} ${product}`
  return new PlatformError(code, message, {
    hint: isAgent ? 'docs/adapters/readme.md says how fairway.yaml names a product' : `docs/adapters/${product}.md`,
  })
}
