import { can } from '#access/can.ts'
import { PlatformError } from '#errors/platform-error.ts'
import { maxSecretBytes, type Secret } from '#model/secret.ts'
import { parseScore } from '#render/score/parse-score.ts'
import { secretNamesOf } from '#render/score/secrets.ts'
import type { SecretPlace, SecretVersion } from '#ports/secrets.ts'
import { serviceRepo } from '#workflows/deliver/place.ts'
import type { Platform } from '#workflows/platform.ts'
import { environmentOf } from '#workflows/settings.ts'
import { withIntent } from './audit/with-intent.ts'
import { authorise, type Caller, requireService } from './caller.ts'

interface SecretOf {
  readonly service: string
  readonly environment: string
  readonly name: string
  readonly signal: AbortSignal
}

/** What a service asks for and what is set, by environment. Values are nowhere in it. */
export async function listServiceSecrets(
  platform: Platform,
  caller: Caller,
  request: { service: string; environment?: string | undefined; signal: AbortSignal },
): Promise<{ items: Secret[]; maySet: boolean }> {
  const { service, environment, signal } = request
  const { owner } = await requireService(platform, service)
  authorise(caller, 'secret.read', owner)
  const settings = await platform.settings()
  const names = environment
    ? [environmentOf(settings, environment).metadata.name]
    : settings.environments.map(({ metadata }) => metadata.name)
  const declared = await declaredSecrets(platform, { service, owner })
  const items = await Promise.all(
    names.map(async (each) => {
      const place = { service, owner, environment: each }
      const [versions, running] = await Promise.all([
        platform.ports.secrets.list(place, signal),
        runningVersions(platform, place),
      ])
      return rowsOf(each, { declared, versions, running })
    }),
  )
  return { items: items.flat(), maySet: can(caller.person, 'secret.write', owner) }
}

/** Keeps a value under its next version and tells the runtime. The value is in no answer, record or event. */
export async function setSecret(
  platform: Platform,
  caller: Caller,
  request: SecretOf & { readonly value: string; readonly rotate: boolean },
): Promise<Secret> {
  const { name, value, signal } = request
  const place = await writablePlace(platform, caller, request)
  refuseUnusable(value)
  if (request.rotate) await requireSet(platform, request, place)
  const by = caller.person.name
  const act = { by, action: request.rotate ? 'secret.rotate' : 'secret.set', place, name }
  const made = await recorded(platform, act, () => platform.ports.secrets.set({ place, name, value, by }, signal))
  await tellRuntime(platform, place)
  const declared = await declaredSecrets(platform, place)
  return viewOf(place.environment, made, declared.includes(name))
}

/** Forgets a secret that nothing asks for any more. */
export async function removeSecret(
  platform: Platform,
  caller: Caller,
  request: SecretOf,
): Promise<{ removed: string }> {
  const { name, signal } = request
  const place = await writablePlace(platform, caller, request)
  await requireSet(platform, request, place)
  await refuseUsed(platform, place, name)
  const by = caller.person.name
  await recorded(platform, { by, action: 'secret.delete', place, name }, async () => {
    await platform.ports.secrets.remove({ place, name, by }, signal)
    return undefined
  })
  await platform.events.publish('service', place.service)
  return { removed: name }
}

async function writablePlace(
  platform: Platform,
  caller: Caller,
  { service, environment }: SecretOf,
): Promise<SecretPlace> {
  const { owner } = await requireService(platform, service)
  authorise(caller, 'secret.write', owner)
  environmentOf(await platform.settings(), environment)
  return { service, owner, environment }
}

function refuseUnusable(value: string): void {
  const message =
    Buffer.byteLength(value) > maxSecretBytes
      ? `a value may have at most ${maxSecretBytes / 1024} KiB`
      : value.includes('\0')
        ? 'a value cannot hold the character NUL'
        : undefined
  if (message) throw new PlatformError('INPUT_INVALID', `value: ${message}`, { errors: [{ path: 'value', message }] })
}

async function requireSet(platform: Platform, { name, signal }: SecretOf, place: SecretPlace): Promise<void> {
  const known = await platform.ports.secrets.list(place, signal)
  if (known.some((secret) => secret.name === name)) return
  throw new PlatformError('SECRET_UNKNOWN', `${place.service} has no secret ${name} in ${place.environment}`, {
    hint: `fairway secret set ${name} --service ${place.service} --env ${place.environment}`,
  })
}

async function refuseUsed(platform: Platform, place: SecretPlace, name: string): Promise<void> {
  const [declared, running] = await Promise.all([declaredSecrets(platform, place), runningVersions(platform, place)])
  const by = declared.includes(name)
    ? `score.yaml of ${place.service} asks for it`
    : running[name] !== undefined && `workloads in ${place.environment} run with it`
  if (!by) return
  throw new PlatformError('SECRET_IN_USE', `${name} cannot be deleted: ${by}`, {
    hint: `remove the reference and deliver that first; a leaked value is replaced with: fairway secret rotate ${name} --service ${place.service} --env ${place.environment}`,
  })
}

interface Act {
  readonly by: string
  readonly action: string
  readonly place: SecretPlace
  readonly name: string
}

/** The store may be another product, so the act has an intent before it and an outcome after it. */
function recorded<T extends SecretVersion | undefined>(
  platform: Platform,
  { by, action, place, name }: Act,
  act: () => Promise<T>,
): Promise<T> {
  const detail = { environment: place.environment, secret: name }
  return withIntent(platform.db, {
    record: { actor: by, action, object: `service:${place.service}`, detail },
    work: act,
    outcome: (made) => ({ detail: { ...detail, ...(made && { version: made.version }) } }),
  })
}

// A hint: a runtime that does not hear it finds the new version by itself.
async function tellRuntime(platform: Platform, { service, environment }: SecretPlace): Promise<void> {
  await platform.events.publish('service', service)
  platform.ports.delivery
    .refresh(environment, AbortSignal.timeout(5_000))
    .catch((error: unknown) => platform.log.info({ err: error, environment }, 'the runtime took no hint of a secret'))
}

/** What score.yaml on main asks for; a file that cannot be read asks for nothing, and says so elsewhere. */
async function declaredSecrets(platform: Platform, service: { service: string; owner: string }): Promise<string[]> {
  const text = await platform.ports.gitHost.files
    .read(serviceRepo(service), 'main', 'score.yaml')
    .catch(() => undefined)
  if (text === undefined) return []
  try {
    return secretNamesOf(parseScore(text))
  } catch (error) {
    if (error instanceof PlatformError) return []
    throw error
  }
}

async function runningVersions(
  platform: Platform,
  { service, environment }: SecretPlace,
): Promise<Readonly<Record<string, number>>> {
  const status = await platform.ports.delivery
    .status({ service, environment }, AbortSignal.timeout(2_000))
    .catch(() => undefined)
  return status?.secrets ?? {}
}

interface Facts {
  readonly declared: readonly string[]
  readonly versions: readonly SecretVersion[]
  readonly running: Readonly<Record<string, number>>
}

function rowsOf(environment: string, { declared, versions, running }: Facts): Secret[] {
  const names = [...new Set([...declared, ...versions.map(({ name }) => name), ...Object.keys(running)])].toSorted()
  return names.map((name) => {
    const version = versions.find((one) => one.name === name)
    const isRunning = running[name] !== undefined && { running: running[name] }
    const isDeclared = declared.includes(name)
    if (version) return { ...viewOf(environment, version, isDeclared), ...isRunning }
    return { environment, name, state: 'missing' as const, declared: isDeclared, ...isRunning }
  })
}

function viewOf(environment: string, { name, version, setBy, setAt }: SecretVersion, declared: boolean): Secret {
  return { environment, name, state: 'set', version, setBy, setAt, declared }
}
