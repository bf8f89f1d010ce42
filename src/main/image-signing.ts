import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { imageKey, keyIdOf } from '#lib/supply-chain/image-key.ts'
import type { ImageSigning } from '#workflows/platform.ts'
import { secretFile } from './secrets-file.ts'
import { productVersion } from './version.ts'

/**
 * The key that signs images (`image-key`, made on first use) and the public keys that are trusted (`image-keys/*.pem`).
 * Whoever takes `image-key` away gets a new key at the next start; the old public key stays trusted until its file goes.
 */
export async function imageSigning(dataFolder: string): Promise<ImageSigning> {
  const key = imageKey(await secretFile(dataFolder, 'image-key'))
  const folder = join(dataFolder, 'image-keys')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, `${fileNameOf(key.id)}.pem`), key.pem)
  const names = (await readdir(folder)).filter((name) => name.endsWith('.pem')).toSorted()
  const trusted = await Promise.all(names.map((name) => readKey(folder, name)))
  return {
    key,
    trusted: trusted.map(({ id, pem }) => ({ id, pem, active: id === key.id })),
    builder: { id: 'https://fairway.dev/builders/control-plane', version: productVersion },
  }
}

// A fingerprint may hold slashes, a file's name not.
function fileNameOf(id: string): string {
  return Buffer.from(id.replace(/^SHA256:/, ''), 'base64').toString('hex')
}

async function readKey(folder: string, name: string): Promise<{ id: string; pem: string }> {
  const pem = await readFile(join(folder, name), 'utf8')
  try {
    return { id: keyIdOf(pem), pem }
  } catch (cause) {
    throw new PlatformError('SETTINGS_INVALID', `${join(folder, name)} is not a public key`, {
      hint: 'put the PEM of an ECDSA key on P-256 there, or take the file away',
      cause,
    })
  }
}
