import { createECDH, createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'

/** The key that vouches for images: ECDSA on P-256 with SHA-256, which every verifier of sigstore bundles reads. */
export interface ImageKey {
  /** The key id in every envelope: the fingerprint that `ssh-keygen -l` shows, `SHA256:…`. cosign skips envelopes with any other. */
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

/** The fingerprint of a public key in PEM: SHA-256 over it as SSH writes it (RFC 5656). Throws for any other kind of key. */
export function keyIdOf(pem: string): string {
  const { crv, x = '', y = '' } = createPublicKey(pem).export({ format: 'jwk' })
  if (crv !== 'P-256') throw new TypeError('an image key is an ECDSA key on P-256')
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  const fields = [Buffer.from('ecdsa-sha2-nistp256'), Buffer.from('nistp256'), point]
  const wire = fields.flatMap((field) => [lengthOf(field), field])
  return `SHA256:${createHash('sha256').update(Buffer.concat(wire)).digest('base64').replace(/=+$/, '')}`
}

/** As short as a person can compare it. */
export function shortKeyId(id: string): string {
  return id.replace(/^SHA256:/, '').slice(0, 12)
}

function lengthOf(field: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(field.length)
  return length
}
