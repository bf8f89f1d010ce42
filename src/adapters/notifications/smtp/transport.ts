import { createTransport, type Transporter } from 'nodemailer'
import { readCredential } from '#lib/credential.ts'
import type { SmtpOptions } from './options.ts'

/** A connection for one use; the password is read anew, so that a rotated one takes effect. */
export async function openTransport(options: SmtpOptions): Promise<Transporter> {
  const { host, port, security, username, password, timeoutSeconds } = options
  const ms = timeoutSeconds * 1000
  const auth = username && password ? { auth: { user: username, pass: await readCredential(password) } } : {}
  return createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...auth,
    connectionTimeout: ms,
    greetingTimeout: ms,
    socketTimeout: ms,
    dnsTimeout: ms,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}
