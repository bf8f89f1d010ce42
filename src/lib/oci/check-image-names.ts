import { PlatformError } from '#errors/platform-error.ts'

const part = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const namePattern = new RegExp(`^(?=.{1,255}$)${part}(?:/${part})*$`)

/** A repository name as OCI writes it; none of them can leave a folder. */
export function checkName(name: string): string {
  if (namePattern.test(name)) return name
  throw new PlatformError(
    'INPUT_INVALID',
    `${JSON.stringify(name.slice(0, 80))} is not the name of an image repository`,
  )
}

export function checkDigest(digest: string): string {
  if (/^sha256:[0-9a-f]{64}$/.test(digest)) return digest
  throw new PlatformError('INPUT_INVALID', `${JSON.stringify(digest.slice(0, 80))} is not a SHA-256 digest`)
}

export function checkTags(tags: readonly string[]): void {
  for (const tag of tags) {
    if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(tag))
      throw new PlatformError('INPUT_INVALID', `${JSON.stringify(tag.slice(0, 80))} is not a tag`)
  }
}
