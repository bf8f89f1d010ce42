import { createHash, randomBytes } from 'node:crypto'
import { access, mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readCredential } from '#lib/credential.ts'

/** Keys that every control plane of one database must have; the others are of one data folder. */
export const sharedKeys = ['audit-key', 'image-key', 'login-key', 'otlp-secret', 'vault-key'] as const

/**
 * A random secret in a file only we may read; made on first use, the same ever after. With FAIRWAY_KEYS shared keys come
 * from that folder and none is made: CREDENTIAL_MISSING names the file.
 */
export async function secretFile(folder: string, name: string): Promise<string> {
  const mounted = mountedKey(name)
  if (mounted && isShared(name)) return readCredential({ fromFile: mounted })
  const path = join(folder, name)
  const known = await readFile(path, 'utf8').catch(() => '')
  if (known.trim() !== '') return known.trim()
  const secret = randomBytes(32).toString('base64url')
  const file = await open(path, 'wx', 0o600).catch(() => undefined)
  if (!file) return (await readFile(path, 'utf8')).trim() // another process was faster
  await file.writeFile(`${secret}\n`)
  await file.sync()
  await file.close()
  return secret
}

/** Where FAIRWAY_KEYS has a file of that name; undefined without FAIRWAY_KEYS. */
export function mountedKey(name: string): string | undefined {
  const folder = process.env['FAIRWAY_KEYS']
  return folder ? join(folder, name) : undefined
}

/** Where a file lies that may be mounted: in FAIRWAY_KEYS when it is there, else in the data folder. */
export async function keyPlace(dataFolder: string, name: string): Promise<string> {
  const mounted = mountedKey(name)
  const isThere =
    mounted !== undefined &&
    (await access(mounted).then(
      () => true,
      () => false,
    ))
  return isThere ? mounted : join(dataFolder, name)
}

/** What two control planes compare without telling each other their keys: the one that is never added to. */
export async function keysFingerprint(folder: string): Promise<string> {
  return createHash('sha256')
    .update(await secretFile(folder, 'audit-key'))
    .digest('hex')
    .slice(0, 16)
}

/** Makes the shared keys in a folder for FAIRWAY_KEYS; those that are there stay. Gives the names of the new ones. */
export async function createKeys(folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const made: string[] = []
  for (const name of sharedKeys) {
    const file = await open(join(folder, name), 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return undefined
      throw error
    })
    if (!file) continue
    await file.writeFile(`${randomBytes(32).toString('base64url')}\n`)
    await file.sync()
    await file.close()
    made.push(name)
  }
  return made
}

function isShared(name: string): boolean {
  return (sharedKeys as readonly string[]).includes(name)
}
