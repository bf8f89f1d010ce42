import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { PlatformError } from '#errors/platform-error.ts'

/** A text that only the holder of the key reads, and only in the context it was sealed for. */
export interface Sealed {
  readonly keyId: string
  readonly nonce: Buffer
  /** The ciphertext with its tag behind it. */
  readonly box: Buffer
}

export interface Sealer {
  /** The key that seals from now on. */
  readonly keyId: string
  seal(text: string, context: readonly unknown[]): Sealed
  /** SECRETS_UNREADABLE when key, context or a single bit is another: there is no way round it. */
  open(sealed: Sealed, context: readonly unknown[]): string
}

const tagBytes = 16

/** AES-256-GCM with a fresh random nonce for each text. `keys`: lines of 32 bytes in base64url; the first seals, all of them open. */
export function sealer(keys: string): Sealer {
  const known = keys
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(keyOf)
  const [current] = known
  if (!current) throw new PlatformError('SECRETS_UNREADABLE', 'there is no sealing key')
  return {
    keyId: current.id,
    seal(text, context) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', current.key, nonce).setAAD(bytesOf(context))
      const box = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return { keyId: current.id, nonce, box }
    },
    open({ keyId, nonce, box }, context) {
      const found = known.find(({ id }) => id === keyId)
      if (!found)
        throw new PlatformError('SECRETS_UNREADABLE', `a secret is sealed under key ${keyId}, which is not here`)
      try {
        const decipher = createDecipheriv('aes-256-gcm', found.key, nonce, { authTagLength: tagBytes })
        decipher.setAAD(bytesOf(context)).setAuthTag(box.subarray(-tagBytes))
        return Buffer.concat([decipher.update(box.subarray(0, -tagBytes)), decipher.final()]).toString('utf8')
      } catch {
        throw new PlatformError('SECRETS_UNREADABLE', 'a sealed secret was changed, or belongs to another place')
      }
    },
  }
}

function keyOf(line: string): { readonly id: string; readonly key: Buffer } {
  const key = Buffer.from(line, 'base64url')
  if (key.length !== 32) throw new PlatformError('SECRETS_UNREADABLE', 'a sealing key is 32 bytes in base64url')
  return { id: createHash('sha256').update('fairway sealing key\0').update(key).digest('hex').slice(0, 16), key }
}

function bytesOf(context: readonly unknown[]): Buffer {
  return Buffer.from(JSON.stringify(context))
}
