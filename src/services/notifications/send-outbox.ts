import type { MessageSender, OutgoingMessage, SendResult } from '#ports/notifications.ts'
import { type AttemptEnd, endAttempt, leaseMessages, type OutboxMessage } from '#store/notification-outbox.ts'
import type { Platform } from '#workflows/platform.ts'

/** Longer than any way out may take. */
const leaseSeconds = 60
const atOnce = 10
const mostAttempts = 10
const longestPause = 3_600

/** Sends what is due and notes how it ended; gives how many were tried. Who dies between leaves it to be sent again under the same id. */
export async function sendOutbox(platform: Platform): Promise<number> {
  const messages = await leaseMessages(platform.db, { limit: atOnce, seconds: leaseSeconds })
  await Promise.all(
    messages.map(async (message) => endAttempt(platform.db, message, endOf(await attempt(platform, message), message))),
  )
  return messages.length
}

async function attempt(platform: Platform, { id, channel, recipient, message }: OutboxMessage): Promise<SendResult> {
  const { mail, webhook } = platform.ports.notifications
  const sender: MessageSender | undefined = channel === 'mail' ? mail : webhook
  if (!sender) return { state: 'refused', reason: `fairway.yaml sets up no ${channel} any more` }
  try {
    const to = channel === 'mail' ? (await platform.ports.identity.find(recipient))?.email : recipient
    if (to === undefined) return { state: 'refused', reason: `${recipient} has no mail address any more` }
    return await sender.send({ ...(message as unknown as OutgoingMessage), id, to })
  } catch (error) {
    platform.log.warn({ err: error, message: id }, 'a notification could not be sent; it is tried again')
    return { state: 'later', reason: 'the platform could not send it; its log says why' }
  }
}

function endOf(result: SendResult, { attempts }: OutboxMessage): AttemptEnd {
  if (result.state === 'accepted') return { state: 'sent' }
  const { reason } = result
  if (result.state === 'refused') return { state: 'given-up', reason }
  if (attempts >= mostAttempts) return { state: 'given-up', reason: `${reason}; tried ${attempts} times` }
  const pause = Math.min(longestPause, 5 * 3 ** (attempts - 1))
  return { state: 'waiting', reason, seconds: Math.max(pause, result.retryAfterSeconds ?? 0) }
}
