import { PlatformError } from '#errors/platform-error.ts'
import { type Adapters, productOf } from '#model/adapters.ts'

const embeddedOnly = ['ci', 'policy', 'identity', 'secrets'] as const

/** Ports that no product stands behind yet: a name that would change nothing is refused, not ignored. */
export function requireEmbedded(adapters: Adapters): void {
  for (const port of embeddedOnly) {
    const name = productOf(adapters[port])
    if (name === 'local') continue
    throw new PlatformError('SETTINGS_INVALID', `fairway.yaml: spec.adapters.${port}: no adapter is called ${name}`, {
      hint: 'known here: local',
    })
  }
}
