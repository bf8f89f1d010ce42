import type { Pool } from 'pg'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import { type SecretMask, secretMask } from '#lib/mask-secrets.ts'
import { type Sealer, sealer } from '#lib/seal.ts'
import type { SecretPlace, Secrets, SecretVersion } from '#ports/secrets.ts'
import {
  addSecretVersion,
  listSealedVersions,
  listSecrets,
  replaceSealed,
  type SecretPlaceRow,
  type SecretRow,
} from '#store/secret.ts'
import type { Database } from '#store/database.ts'

export interface LocalSecretsOptions {
  readonly db: Database
  readonly pool: Pool
  /** Lines of 32 bytes in base64url; the first seals, all of them open. */
  readonly keys: string
  readonly timeoutMs?: number
}

/** The value of one secret. Only the agent, and whoever masks output, is handed these; no route of the API is. */
export interface SecretValue extends SecretVersion {
  readonly value: string
}

export interface LocalSecrets extends Secrets {
  /** Newest versions of every place, without values. */
  all(): Promise<readonly (SecretPlaceRow & SecretVersion)[]>
  values(place: SecretPlaceRow): Promise<readonly SecretValue[]>
  /** What covers the values of a place in output; asked again once a value was set. */
  maskOf(place: SecretPlaceRow): Promise<SecretMask | undefined>
  /** Seals under the first key what still lies under an older one; gives how many. Then the older key may go. */
  reseal(): Promise<number>
}

/** Values sealed in the schema `vault`; the key lies outside the database, so the database alone gives nothing away. */
export function localSecrets({ db, pool, keys, timeoutMs = 5_000 }: LocalSecretsOptions): LocalSecrets {
  const seals = sealer(keys)
  const masks = new Map<string, Promise<SecretMask | undefined>>()
  const maskFor = async (place: SecretPlaceRow) => {
    const rows = await asked(() => listSealedVersions(pool, { place: placeOf(place) }, timeoutMs))
    return secretMask(rows.map((row) => opened(seals, row)))
  }
  const add = (secret: SecretPlace & { name: string; by: string }, value: string | undefined) =>
    asked(() =>
      addSecretVersion(
        pool,
        {
          ...secret,
          seal: value === undefined ? undefined : (version) => seals.seal(value, contextOf({ ...secret, version })),
        },
        timeoutMs,
      ),
    )
  return {
    async list(place, signal) {
      signal.throwIfAborted()
      return (await asked(() => listSecrets(pool, placeOf(place), timeoutMs))).map(versionOf)
    },
    async set({ place, name, value, by }, signal) {
      signal.throwIfAborted()
      const row = await add({ ...placeOf(place), name, by }, value)
      masks.delete(keyOf(place))
      if (!row) throw new PlatformError('INTERNAL', 'a secret was set and got no version')
      return versionOf(row)
    },
    async lend(place, names, signal) {
      signal.throwIfAborted()
      const rows = await asked(() => listSecrets(pool, placeOf(place), timeoutMs))
      const wanted = rows.filter(({ name }) => names.includes(name))
      return new Map(wanted.map((row) => [row.name, opened(seals, row)]))
    },
    async remove({ place, name, by }, signal) {
      signal.throwIfAborted()
      return (await add({ ...placeOf(place), name, by }, undefined)) !== undefined
    },
    async all() {
      const rows = await asked(() => listSecrets(pool, {}, timeoutMs))
      return rows.map((row) => ({ ...placeOf(row), ...versionOf(row) }))
    },
    async values(place) {
      const rows = await asked(() => listSecrets(pool, placeOf(place), timeoutMs))
      return rows.map((row) => ({ ...versionOf(row), value: opened(seals, row) }))
    },
    // Older versions stay in it: what runs may still have one. One that cannot be made is asked for again.
    maskOf(place) {
      const mask = masks.get(keyOf(place)) ?? maskFor(place)
      masks.set(keyOf(place), mask)
      mask.catch(() => masks.delete(keyOf(place)))
      return mask
    },
    async reseal() {
      const old = await asked(() => listSealedVersions(pool, { notUnder: seals.keyId }, 60_000))
      for (const row of old) await replaceSealed(db, row, seals.seal(opened(seals, row), contextOf(row)))
      return old.length
    },
  }
}

function opened(seals: Sealer, row: SecretRow): string {
  if (!row.sealed) throw new PlatformError('INTERNAL', 'a deleted secret has no value')
  return seals.open(row.sealed, contextOf(row))
}

// A box that is moved to another row opens no more.
function contextOf({ owner, service, environment, name, version }: SecretPlaceRow & { name: string; version: number }) {
  return [owner, service, environment, name, version] as const
}

function placeOf({ owner, service, environment }: SecretPlaceRow): SecretPlaceRow {
  return { owner, service, environment }
}

function keyOf({ owner, service, environment }: SecretPlaceRow): string {
  return `${owner}/${service}/${environment}`
}

function versionOf({ name, version, setBy, setAt }: SecretVersion): SecretVersion {
  return { name, version, setBy, setAt }
}

/** A store that is down or slow is said; nothing is ever kept or handed out some other way. */
async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    if (codeOf(cause) !== undefined) throw cause
    throw new PlatformError('SECRETS_UNAVAILABLE', 'the store of secrets does not answer', {
      cause,
      hint: 'repeat in a moment; a run goes on with: fairway run retry <run>',
    })
  }
}
