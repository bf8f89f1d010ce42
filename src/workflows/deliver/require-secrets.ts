import { PlatformError } from '#errors/platform-error.ts'
import { readTree } from '#lib/git/trees.ts'
import type { RenderedFile } from '#render/rendered-file.ts'
import { secretNamesIn } from '#render/score/secrets.ts'
import type { Platform } from '../platform.ts'
import type { DeliveryPlace } from './place.ts'

/** Throws SECRET_MISSING, with the command that mends it, when manifests ask for a secret nobody has set: before a rollout, not after. */
export async function requireSecrets(
  platform: Platform,
  { place, tree, run, signal }: { place: DeliveryPlace; tree: string; run: string; signal: AbortSignal },
): Promise<void> {
  const files = await readTree({ dir: platform.objects }, tree)
  const missing = await missingSecrets(platform, { place, files, signal })
  if (missing.length > 0) throw secretsAreMissing(place, missing, `; then: fairway run retry ${run}`)
}

/** Names that manifests ask for and nobody has set there. */
export async function missingSecrets(
  platform: Platform,
  { place, files, signal }: { place: DeliveryPlace; files: readonly RenderedFile[]; signal: AbortSignal },
): Promise<readonly string[]> {
  const { service, owner, environment } = place
  const wanted = secretNamesIn(files, service)
  if (wanted.length === 0) return []
  const known = await platform.ports.secrets.list({ service, owner, environment }, signal)
  return wanted.filter((name) => !known.some((secret) => secret.name === name))
}

/** SECRET_MISSING in words, with one command for each name. */
export function secretsAreMissing(
  { service, environment }: Pick<DeliveryPlace, 'service' | 'environment'>,
  missing: readonly string[],
  then = '',
): PlatformError {
  const commands = missing.map((name) => `fairway secret set ${name} --service ${service} --env ${environment}`)
  return new PlatformError(
    'SECRET_MISSING',
    `${service} asks for ${missing.join(', ')} in ${environment}, and nobody has set ${missing.length > 1 ? 'them' : 'it'} there`,
    { hint: `${commands.join('; ')}${then}`, facts: { missing } },
  )
}
