import type { ConnectionCheck } from '#ports/connection-check.ts'
import type { SmtpOptions } from './options.ts'
import { openTransport } from './transport.ts'

/** Connects, as the settings say with TLS and signed in, and goes. No mail is sent. */
export async function checkConnection(options: SmtpOptions): Promise<readonly ConnectionCheck[]> {
  const check = 'mail server'
  const place = `${options.host}:${options.port}`
  try {
    const transport = await openTransport(options)
    await transport.verify().finally(() => transport.close())
    return [{ check, state: 'ok', found: `${place} answers (${options.security})` }]
  } catch (error) {
    const { code, responseCode, message } = error as { code?: string; responseCode?: number; message: string }
    if (code === 'CREDENTIAL_MISSING') return [{ check, state: 'missing', found: message }]
    if (code === 'EAUTH') return [{ check, state: 'missing', found: `${place} does not take username and password` }]
    return [{ check, state: 'problem', found: `${place} does not answer as it should (${responseCode ?? code})` }]
  }
}
