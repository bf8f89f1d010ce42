import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'

export interface SigningKey {
  /** Public half as PEM. */
  readonly pem: string
  /** SHA-256 of the public half as SubjectPublicKeyInfo, in hex. */
  readonly fingerprint: string
  /** Signature of a text in base64. */
  sign(text: string): string
}

// What PKCS #8 puts before the 32 bytes of an Ed25519 key (RFC 8410).
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** An Ed25519 key from 32 random bytes in base64url: the same bytes are always the same key. */
export function signingKey(secret: string): SigningKey {
  const seed = Buffer.from(secret, 'base64url')
  if (seed.length !== 32) throw new TypeError('a signing key is 32 bytes')
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' })
  const pem = createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString()
  return {
    pem,
    fingerprint: fingerprintOf(pem),
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64'),
  }
}

export function fingerprintOf(pem: string): string {
  return createHash('sha256')
    .update(createPublicKey(pem).export({ format: 'der', type: 'spki' }))
    .digest('hex')
}

/** Checks signatures under one public key. */
export function signatureCheck(pem: string): (text: string, signature: string) => boolean {
  const key: KeyObject = createPublicKey(pem)
  return (text, signature) => verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'))
}
