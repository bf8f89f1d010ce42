import { readFile, rename, writeFile } from 'node:fs/promises'
import { PlatformError } from '#errors/platform-error.ts'
import { imageKey, keyIdOf } from '#lib/supply-chain/image-key.ts'
import type { ImageSigning } from '#workflows/platform.ts'
import { keyPlace, secretFile } from './secrets-file.ts'
import { productVersion } from './version.ts'

/**
 * The key that signs images (`image-key`, made on first use) and the public keys that are trusted (`image-keys`, PEM
 * blocks). Whoever takes `image-key` away gets a new key at the next start; the old one stays trusted until its block goes.
 */
export async function imageSigning(dataFolder: string): Promise<ImageSigning> {
  const key = imageKey(await secretFile(dataFolder, 'image-key'))
  const path = await keyPlace(dataFolder, 'image-keys')
  const known = await readKeys(path)
  const trusted = known.some(({ id }) => id === key.id) ? known : [...known, { id: key.id, pem: key.pem }]
  if (trusted !== known && path.startsWith(dataFolder)) await writeWhole(path, trusted.map(({ pem }) => pem).join(''))
  return {
    key,
    trusted: trusted.map(({ id, pem }) => ({ id, pem, active: id === key.id })),
    builder: { id: 'https://fairway.dev/builders/control-plane', version: productVersion },
  }
}

async function readKeys(path: string): Promise<readonly { id: string; pem: string }[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----\n?/g) ?? []
  try {
    return blocks.map((pem) => ({ id: keyIdOf(pem), pem: `${pem.trim()}\n` }))
  } catch (cause) {
    throw new PlatformError('SETTINGS_INVALID', `${path} holds a key that is no ECDSA key on P-256`, {
      hint: 'keep PEM blocks of such public keys only',
      cause,
    })
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
