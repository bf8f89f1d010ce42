import { PlatformError } from '#errors/platform-error.ts'
import { readTree } from '#lib/git/trees.ts'
import { secretNamesIn } from '#render/score/secrets.ts'
import type { Platform } from '../platform.ts'
import type { DeliveryPlace } from './place.ts'

/** Throws SECRET_MISSING, with the command that mends it, when manifests ask for a secret nobody has set: before a rollout, not after. */
export async function requireSecrets(
  platform: Platform,
  { place, tree, run, signal }: { place: DeliveryPlace; tree: string; run: string; signal: AbortSignal },
): Promise<void> {
  const { service, owner, environment } = place
  const wanted = secretNamesIn(await readTree({ dir: platform.objects }, tree), service)
  if (wanted.length === 0) return
  const known = await platform.ports.secrets.list({ service, owner, environment }, signal)
  const missing = wanted.filter((name) => !known.some((secret) => secret.name === name))
  if (missing.length === 0) return
  const commands = missing.map((name) => `fairway secret set ${name} --service ${service} --env ${environment}`)
  throw new PlatformError(
    'SECRET_MISSING',
    `${service} asks for ${missing.join(', ')} in ${environment}, and nobody has set ${missing.length > 1 ? 'them' : 'it'} there`,
    { hint: `${commands.join('; ')}; then: fairway run retry ${run}`, facts: { missing } },
  )
}
