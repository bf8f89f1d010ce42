import { createHmac } from 'node:crypto'
import { PlatformError } from '#errors/platform-error.ts'

/** The `webhook-…` headers of Standard Webhooks 1.0: one signature for each active secret, the newest first. */
export function signedHeaders(
  { id, seconds, body }: { id: string; seconds: number; body: string },
  secrets: readonly string[],
): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const mac = createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.${body}`).digest('base64')
    return `v1,${mac}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signatures.join(' ') }
}

/** `whsec_` and 24 to 64 bytes in base64, as the specification asks. */
function keyOf(secret: string): Buffer {
  const text = secret.startsWith('whsec_') ? secret.slice('whsec_'.length) : ''
  const key = Buffer.from(text, 'base64')
  const isWhole = key.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '')
  if (isWhole && key.length >= 24 && key.length <= 64) return key
  throw new PlatformError('CREDENTIAL_MISSING', 'a webhook secret is not whsec_ and 24 to 64 bytes in base64', {
    hint: 'make one with: echo whsec_$(openssl rand -base64 32)',
  })
}
