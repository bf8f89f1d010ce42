import { createECDH, createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'

/** The key that vouches for images: ECDSA on P-256 with SHA-256, which every verifier of sigstore bundles reads. */
export interface ImageKey {
  /** SHA-256 of the public half as SubjectPublicKeyInfo, in hex: the key id in every envelope. */
  readonly id: string
  /** Public half as PEM. */
  readonly pem: string
  /** Signature in ASN.1 DER. */
  sign(bytes: Uint8Array): Buffer
}

/** The key of 32 secret bytes in base64url: the same bytes are always the same key. */
export function imageKey(secret: string): ImageKey {
  const scalar = Buffer.from(secret, 'base64url')
  if (scalar.length !== 32) throw new TypeError('an image key is 32 bytes')
  const pair = createECDH('prime256v1')
  pair.setPrivateKey(scalar)
  const point = pair.getPublicKey()
  const part = (from: number, to: number) => point.subarray(from, to).toString('base64url')
  const jwk = { kty: 'EC', crv: 'P-256', x: part(1, 33), y: part(33, 65), d: scalar.toString('base64url') }
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  const pem = createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString()
  return { id: keyIdOf(pem), pem, sign: (bytes) => sign('sha256', bytes, key) }
}

export function keyIdOf(pem: string): string {
  return createHash('sha256')
    .update(createPublicKey(pem).export({ format: 'der', type: 'spki' }))
    .digest('hex')
}
