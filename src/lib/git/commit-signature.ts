import { createHash, createPrivateKey, createPublicKey, hkdfSync, sign, verify } from 'node:crypto'

/** Signs commits as `git commit -S` does with `gpg.format=ssh`; `git verify-commit` checks them. */
export interface CommitSigner {
  /** `ssh-ed25519 AAAA…`, as a line of an allowed_signers file holds it. */
  readonly publicKey: string
  /** The commit text with its signature in it. The same text always gives the same bytes. */
  signed(commit: string): string
}

// What PKCS #8 and SubjectPublicKeyInfo put before the 32 bytes of an Ed25519 key (RFC 8410).
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex')
const keyType = 'ssh-ed25519'
const namespace = 'git'

/** A signer whose key follows from a secret: no second secret to keep, and no use of the first one's own key. */
export function commitSigner(secret: string): CommitSigner {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'fairway commit signatures', 32))
  const key = createPrivateKey({ key: Buffer.concat([privatePrefix, seed]), format: 'der', type: 'pkcs8' })
  const raw = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(publicPrefix.length)
  const blob = Buffer.concat([sshString(keyType), sshString(raw)])
  return {
    publicKey: `${keyType} ${blob.toString('base64')}`,
    signed(commit) {
      const signature = Buffer.concat([sshString(keyType), sshString(sign(null, toSign(commit), key))])
      return withHeader(commit, armoured(blob, signature))
    },
  }
}

/** Whether a commit, as Git stores it, carries a good signature by this key. */
export function isSignedBy(stored: Buffer, publicKey: string): boolean {
  const parts = withoutHeader(stored.toString('latin1'))
  if (!parts) return false
  const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64')
  const signature = signatureIn(parts.armour, blob)
  if (!signature) return false
  const raw = blob.subarray(blob.length - 32)
  const key = createPublicKey({ key: Buffer.concat([publicPrefix, raw]), format: 'der', type: 'spki' })
  return verify(null, toSign(Buffer.from(parts.commit, 'latin1')), key, signature)
}

/** PROTOCOL.sshsig of OpenSSH: what is signed is not the message but its digest, bound to the use it is for. */
function toSign(commit: string | Buffer): Buffer {
  const digest = createHash('sha512').update(commit).digest()
  return Buffer.concat([
    Buffer.from('SSHSIG'),
    sshString(namespace),
    sshString(''),
    sshString('sha512'),
    sshString(digest),
  ])
}

function armoured(publicKey: Buffer, signature: Buffer): string {
  const version = Buffer.from([0, 0, 0, 1])
  const fields = [publicKey, namespace, '', 'sha512', signature].map(sshString)
  const text = Buffer.concat([Buffer.from('SSHSIG'), version, ...fields]).toString('base64')
  return `-----BEGIN SSH SIGNATURE-----\n${text.replace(/.{70}(?=.)/g, '$&\n')}\n-----END SSH SIGNATURE-----`
}

/** The 64 bytes of the signature when it is by this key and for Git, written as we write it; anything else is undefined. */
function signatureIn(armour: string, publicKey: Buffer): Buffer | undefined {
  const body = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----$/.exec(armour)?.[1]
  const wrapped = fieldsOf(Buffer.from(body ?? '', 'base64').subarray(10))[4] ?? Buffer.alloc(0)
  const signature = fieldsOf(wrapped)[1] ?? Buffer.alloc(0)
  const same = armoured(publicKey, Buffer.concat([sshString(keyType), sshString(signature)])) === armour
  return same && signature.length === 64 ? signature : undefined
}

function fieldsOf(bytes: Buffer): Buffer[] {
  const fields: Buffer[] = []
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at)
    fields.push(bytes.subarray(at + 4, end))
    at = end
  }
  return fields
}

function sshString(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function withHeader(commit: string, armour: string): string {
  const end = commit.indexOf('\n\n')
  return `${commit.slice(0, end)}\ngpgsig ${armour.replaceAll('\n', '\n ')}${commit.slice(end)}`
}

/** The commit as it was signed. Only the first header counts, and only above the message. */
function withoutHeader(stored: string): { commit: string; armour: string } | undefined {
  const head = stored.slice(0, stored.indexOf('\n\n'))
  const header = /\ngpgsig ((?:.*)(?:\n .*)*)/.exec(head)
  if (!header) return undefined
  const rest = head.slice(0, header.index) + head.slice(header.index + header[0].length)
  if (/\ngpgsig/.test(rest)) return undefined
  return { commit: rest + stored.slice(head.length), armour: (header[1] ?? '').replaceAll('\n ', '\n') }
}
