import { z } from 'zod'
import type { MessageSender, OutgoingMessage, SendResult } from '#ports/notifications.ts'
import type { SmtpOptions } from './options.ts'
import { openTransport } from './transport.ts'

const Address = z.email().max(254)

/** Plain-text mail to people. Nothing of a message can become a header, an address or markup. */
export function smtp(options: SmtpOptions): MessageSender {
  return {
    async send(message) {
      const to = Address.safeParse(message.to)
      if (!to.success) return { state: 'refused', reason: 'the person has no mail address that can be written to' }
      try {
        const transport = await openTransport(options)
        await within(options.timeoutSeconds * 1000, transport.sendMail(mailOf(message, options.from, to.data)), () =>
          transport.close(),
        )
        return { state: 'accepted' }
      } catch (error) {
        return judged(error)
      }
    },
  }
}

function mailOf({ id, title, link, at, ...message }: OutgoingMessage, from: string, to: string) {
  const { run, change, service, environment } = message
  const about = change ? `Change request: ${change}` : `Run: ${run}`
  const facts = [service && `Service: ${service}`, environment && `Environment: ${environment}`, about]
  const lines = [oneLine(title), '', ...facts.filter(Boolean), `When: ${at}`, '', link, '']
  const why = 'Fairway sends this because of your notification preferences, which the portal changes.'
  return {
    from: { name: 'Fairway', address: from },
    to: { name: '', address: to },
    envelope: { from, to: [to] },
    subject: oneLine(title).trim() || 'Fairway',
    text: [...lines, why, ''].join('\n'),
    messageId: `<${id}@fairway.invalid>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
  }
}

const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 200)

/** A 5xx is for good. Everything else, a wrong password too, may be mended without the message changing. */
function judged(error: unknown): SendResult {
  const { code, responseCode, message } = error as { code?: string; responseCode?: number; message: string }
  if (code === 'CREDENTIAL_MISSING') return { state: 'later', reason: message }
  if (responseCode === undefined)
    return { state: 'later', reason: `no answer of the mail server (${code ?? 'cut off'})` }
  const reason = `the mail server answered ${responseCode}`
  return { state: responseCode >= 500 && code !== 'EAUTH' ? 'refused' : 'later', reason }
}

async function within<T>(ms: number, work: Promise<T>, giveUp: () => void): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    giveUp()
    late.reject(Object.assign(new Error('too late'), { code: 'ETIMEDOUT' }))
  }, ms)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
