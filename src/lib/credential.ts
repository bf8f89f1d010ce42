import { lstat, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'

const longest = 64 * 1024

/** Where a secret of the operator's lies. fairway.yaml names the place and never holds the value. */
export const CredentialSource = z.union(
  [
    z.strictObject({ fromEnv: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
    z.strictObject({ fromFile: z.string().regex(/^\//, 'is an absolute path') }),
  ],
  { error: 'is { fromEnv: NAME } or { fromFile: /absolute/path }, never the value itself' },
)
export type CredentialSource = z.infer<typeof CredentialSource>

/**
 * The value as it is now: ask again at each use, so that a rotated file takes effect without a restart. A file that
 * others may read is refused. CREDENTIAL_MISSING names the place only.
 */
export async function readCredential(source: CredentialSource, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  if ('fromFile' in source) return readSecretFile(source.fromFile)
  const value = env[source.fromEnv]?.trim()
  if (!value) throw missing(credentialPlace(source), 'is not set', `start Fairway with ${source.fromEnv} set`)
  return value
}

/** The place in words, for errors and findings. */
export function credentialPlace(source: CredentialSource): string {
  return 'fromEnv' in source ? `the environment variable ${source.fromEnv}` : `the file ${source.fromFile}`
}

async function readSecretFile(path: string): Promise<string> {
  const place = credentialPlace({ fromFile: path })
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw missing(place, `cannot be read (${error.code ?? 'unknown'})`, 'make the file, readable by Fairway alone')
  })
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw missing(place, 'is no file', 'name a plain file')
    if (stat.mode & 0o077 && !(await isSecretMount(path)))
      throw missing(place, 'may be read by other users of this machine', `chmod 600 ${path}`)
    if (stat.size > longest) throw missing(place, `is larger than ${longest} bytes`, 'name the file with the secret')
    const text = (await file.readFile('utf8')).trim()
    if (text === '') throw missing(place, 'is empty', 'write the secret into it')
    return text
  } finally {
    await file.close()
  }
}

/** Kubernetes mounts a secret as links through a link called `..data`, readable by everybody in the container. */
async function isSecretMount(path: string): Promise<boolean> {
  const data = await lstat(join(dirname(path), '..data')).catch(() => undefined)
  return data?.isSymbolicLink() ?? false
}

function missing(place: string, what: string, hint: string): PlatformError {
  return new PlatformError('CREDENTIAL_MISSING', `${place} ${what}`, { hint })
}
