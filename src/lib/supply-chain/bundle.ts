import { z } from 'zod'
import { Envelope, seal } from './dsse.ts'
import type { ImageKey } from './image-key.ts'
import { types } from './statement.ts'

/** A sigstore bundle, version 0.3, signed with a key of one's own: no certificate and no entry in a public log. */
export const Bundle = z.looseObject({ mediaType: z.literal(types.bundle), dsseEnvelope: Envelope })

/** A signed statement as the file that verifiers read. */
export function bundleOf(key: ImageKey, statement: Uint8Array): Buffer {
  return Buffer.from(
    JSON.stringify({
      mediaType: types.bundle,
      verificationMaterial: { publicKey: { hint: key.id }, tlogEntries: [] },
      dsseEnvelope: seal(key, types.payload, statement),
    }),
  )
}

/** The envelope in a bundle; undefined when the bytes are none. */
export function envelopeIn(bytes: Uint8Array): Envelope | undefined {
  try {
    return Bundle.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).dsseEnvelope
  } catch {
    return undefined
  }
}
