import { randomBytes } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A random secret in a file only we may read; made on first use, the same ever after. */
export async function secretFile(folder: string, name: string): Promise<string> {
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
