import { createHash } from 'node:crypto'
import { PlatformError } from '#errors/platform-error.ts'
import { maskText, type SecretMask, secretMask } from '#lib/mask-secrets.ts'
import type { Desired, WorkloadSpec } from '../desired/workload-spec.ts'
import { type PlaceName, placeKey } from '../events.ts'
import type { AgentSource } from '../source.ts'
import { askValues, askVersions } from './ask-secrets.ts'
import type { KeptValue, SealedValues } from './sealed-values.ts'

/** Which secrets there are, and their values for those that may start workloads. */
export interface SecretKeeper {
  /** Asks which versions there are. Throws SECRETS_UNAVAILABLE; what was known stays true until then. */
  refresh(source: AgentSource): Promise<void>
  /** What is wanted, with the newest version of each secret it asks for. A missing one is its problem. SECRETS_UNAVAILABLE when nobody could be asked. */
  resolve(desired: Desired, source: AgentSource): Promise<Desired>
  /** Values by name of exactly the versions the spec runs with. */
  valuesOf(spec: WorkloadSpec): Promise<ReadonlyMap<string, string>>
  /** Covers every value this agent knows of the place. */
  maskOf(place: PlaceName): Promise<SecretMask | undefined>
  /** A text of a place's own, fit to be told. */
  masked(place: PlaceName, text: string): Promise<string>
  forget(place: PlaceName): Promise<void>
}

export interface SecretKeeperOptions {
  readonly store: SealedValues
  /** Specs of a place that run, or may be started again. */
  readonly inUse: (place: PlaceName) => readonly WorkloadSpec[]
}

interface Kept {
  values: readonly KeptValue[]
  mask: SecretMask | undefined
}

export function secretKeeper({ store, inUse }: SecretKeeperOptions): SecretKeeper {
  let versions: ReadonlyMap<string, ReadonlyMap<string, number>> | undefined
  const kept = new Map<string, Promise<Kept>>()
  const resolved = new WeakMap<Desired, { key: string; desired: Desired }>()
  const keptOf = (place: PlaceName) => {
    const known = kept.get(placeKey(place)) ?? store.read(place).then(withMask)
    kept.set(placeKey(place), known)
    return known
  }
  const keep = async (place: PlaceName, fresh: readonly KeptValue[]) => {
    const old = await keptOf(place)
    const used = inUse(place).map(({ secrets }) => secrets)
    const isUsed = ({ name, version }: KeptValue) => used.some((one) => one[name] === version)
    const isNew = ({ name, version }: KeptValue) => fresh.some((one) => one.name === name && one.version === version)
    const values = [...old.values.filter((one) => isUsed(one) && !isNew(one)), ...fresh]
    await store.write(place, values)
    // What was a value once stays masked for as long as this agent lives: output may still hold it.
    kept.set(placeKey(place), Promise.resolve({ values, mask: maskOver([...old.values, ...fresh], old.mask) }))
  }
  return {
    async refresh({ secrets }) {
      if (!secrets) return
      const next = new Map<string, Map<string, number>>()
      for (const { owner, service, environment, name, version } of await askVersions(secrets)) {
        const key = `${owner}/${environment}/${service}`
        next.set(key, (next.get(key) ?? new Map<string, number>()).set(name, version))
      }
      versions = next
    },
    async resolve(desired, { secrets: access }) {
      const { spec } = desired
      const names = spec ? secretNames(spec) : []
      if (!spec || names.length === 0) return desired
      const { service, environment, owner } = spec
      if (!versions || !access)
        throw new PlatformError('SECRETS_UNAVAILABLE', `nobody said yet which secrets ${service} has`)
      const known = versions.get(`${owner}/${environment}/${service}`)
      const missing = names.filter((name) => known?.get(name) === undefined)
      const key = JSON.stringify(names.map((name) => known?.get(name)))
      const same = resolved.get(desired)
      if (same?.key === key) return same.desired
      const next =
        missing.length > 0 ? withoutSecrets(desired, missing) : withSecrets(desired, spec, known ?? new Map())
      if (next.spec && !hasAll(await keptOf(desired), next.spec)) {
        await keep(desired, await askValues(access, { owner, service, environment }))
        // A version came between: the next look knows it.
        if (!hasAll(await keptOf(desired), next.spec))
          throw new PlatformError('SECRETS_UNAVAILABLE', `the secrets of ${service} change just now`)
      }
      resolved.set(desired, { key, desired: next })
      return next
    },
    async valuesOf(spec) {
      const { values } = await keptOf(spec)
      return new Map(
        Object.entries(spec.secrets).map(([name, version]) => {
          const found = values.find((one) => one.name === name && one.version === version)
          if (found) return [name, found.value]
          throw new PlatformError('SECRETS_UNAVAILABLE', `version ${version} of ${name} is not at hand here`, {
            hint: `fairway secret rotate ${name} --service ${spec.service} --env ${spec.environment}`,
          })
        }),
      )
    },
    async maskOf(place) {
      return (await keptOf(place)).mask
    },
    async masked(place, text) {
      return maskText(text, (await keptOf(place)).mask)
    },
    async forget(place) {
      await store.remove(place)
    },
  }
}

/** `<resource>.<key>` of everything a spec takes from secrets, sorted. */
function secretNames({ secretEnv, secretFiles }: WorkloadSpec): string[] {
  return [...new Set([...secretEnv, ...secretFiles].map(({ secret }) => secret))].toSorted()
}

function withoutSecrets({ spec: _spec, ...desired }: Desired, missing: readonly string[]): Desired {
  const { service, environment } = desired
  const commands = missing.map((name) => `fairway secret set ${name} --service ${service} --env ${environment}`)
  return { ...desired, problem: `secret ${missing.join(', ')} is not set in ${environment}; ${commands.join('; ')}` }
}

function withSecrets(desired: Desired, spec: WorkloadSpec, known: ReadonlyMap<string, number>): Desired {
  const secrets = Object.fromEntries(secretNames(spec).map((name) => [name, known.get(name) ?? 0]))
  const hash = createHash('sha256')
    .update(JSON.stringify([spec.hash, secrets]))
    .digest('hex')
    .slice(0, 16)
  return { ...desired, spec: { ...spec, secrets, hash } }
}

function hasAll({ values }: Kept, { secrets }: WorkloadSpec): boolean {
  return Object.entries(secrets).every(([name, version]) =>
    values.some((one) => one.name === name && one.version === version),
  )
}

function withMask(values: readonly KeptValue[]): Kept {
  return { values, mask: maskOver(values, undefined) }
}

function maskOver(values: readonly KeptValue[], earlier: SecretMask | undefined): SecretMask | undefined {
  const now = secretMask(values.map(({ value }) => value))
  if (!now || !earlier) return now ?? earlier
  const both = (bytes: Buffer) => [earlier(bytes), now(bytes)].includes(true)
  return Object.assign(both, { longest: Math.max(now.longest, earlier.longest) })
}
