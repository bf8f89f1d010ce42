import { createPublicKey, verify } from 'node:crypto'
import { z } from 'zod'
import { type ImageKey, keyIdOf } from './image-key.ts'

/** Envelope of the Dead Simple Signing Envelope, version 1.0.2 (https://github.com/secure-systems-lab/dsse). */
export const Envelope = z.object({
  payload: z.base64(),
  payloadType: z.string(),
  signatures: z.array(z.object({ sig: z.base64(), keyid: z.string().optional() })).min(1),
})
export type Envelope = z.infer<typeof Envelope>

/** How reading an envelope ended. Only `verified` gives the payload away: what nobody signed is never parsed. */
export type Opened =
  | { readonly state: 'verified'; readonly payload: Buffer; readonly payloadType: string; readonly key: string }
  | { readonly state: 'untrusted'; readonly keys: readonly string[] }
  | { readonly state: 'broken' }

export function seal(key: ImageKey, payloadType: string, payload: Uint8Array): Envelope {
  const sig = key.sign(preAuthEncoding(payloadType, payload)).toString('base64')
  return { payload: Buffer.from(payload).toString('base64'), payloadType, signatures: [{ sig, keyid: key.id }] }
}

/** Opens an envelope with the keys that are trusted (PEM). One good signature of a trusted key is enough. */
export function openEnvelope(envelope: Envelope, keys: readonly string[]): Opened {
  const payload = Buffer.from(envelope.payload, 'base64')
  const signed = preAuthEncoding(envelope.payloadType, payload)
  const trusted = new Map(keys.map((pem) => [keyIdOf(pem), pem]))
  for (const { sig } of envelope.signatures)
    for (const [id, pem] of trusted)
      if (verify('sha256', signed, createPublicKey(pem), Buffer.from(sig, 'base64')))
        return { state: 'verified', payload, payloadType: envelope.payloadType, key: id }
  const named = envelope.signatures.map(({ keyid }) => keyid ?? 'unnamed')
  return named.some((id) => trusted.has(id)) ? { state: 'broken' } : { state: 'untrusted', keys: named }
}

/** What a signature covers: type and body with their lengths, so that neither can pass for the other. */
export function preAuthEncoding(type: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `), body])
}
