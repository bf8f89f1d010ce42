import { PlatformError } from '#errors/platform-error.ts'
import { Name } from '#model/names.ts'

/** The folder of a service in the delivery repository. From validated names only, so nothing a user types can lead elsewhere. */
export function deliveryPlace(service: string, environment: string): string {
  for (const name of [service, environment]) {
    if (!Name.safeParse(name).success) throw new PlatformError('NAME_INVALID', `${JSON.stringify(name)} is not a name.`)
  }
  return `envs/${environment}/${service}`
}
