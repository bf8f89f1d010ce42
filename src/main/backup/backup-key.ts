import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'

/** The key's usual place: the settings folder of whoever makes backups, never the data folder. */
export function usualKeyFile(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME ?? homedir(), '.config'), 'fairway', 'backup-key')
}

/** The key to seal with. Without a named file, the usual one, made on first use; `isNew` then, so that somebody is told to keep a copy. */
export async function keyToSeal(file: string | undefined): Promise<{ secret: Buffer; file: string; isNew: boolean }> {
  if (file !== undefined) return { secret: await readKey(file), file, isNew: false }
  const usual = usualKeyFile()
  await mkdir(dirname(usual), { recursive: true, mode: 0o700 })
  const made = await open(usual, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return undefined
    throw error
  })
  if (!made) return { secret: await readKey(usual), file: usual, isNew: false }
  await made.writeFile(`${randomBytes(32).toString('base64url')}\n`)
  await made.sync()
  await made.close()
  return { secret: await readKey(usual), file: usual, isNew: true }
}

export function keyToOpen(file: string | undefined): Promise<Buffer> {
  return readKey(file ?? usualKeyFile())
}

async function readKey(file: string): Promise<Buffer> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new PlatformError('BACKUP_KEY_MISSING', `the key file ${file} cannot be read`, {
      hint: 'give the file of the key with --key-file',
      cause,
    })
  })
  const secret = Buffer.from(text.trim())
  if (secret.length >= 20) return secret
  throw new PlatformError('BACKUP_KEY_MISSING', `the key in ${file} is shorter than 20 characters`, {
    hint: 'openssl rand -base64 32 makes one',
  })
}
