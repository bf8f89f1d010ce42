import { readCredential } from '#lib/credential.ts'
import type { MessageSender, Notifications, OutgoingMessage, SendResult } from '#ports/notifications.ts'
import type { WebhookOptions } from './options.ts'
import { post } from './post.ts'
import { signedHeaders } from './signature.ts'

/** Signed POSTs to the receivers of teams, as Standard Webhooks says. No redirect is followed, no answer is read. */
export function webhook(options: WebhookOptions): NonNullable<Notifications['webhook']> {
  const targets = new Map(options.targets.map((target) => [target.team, target]))
  const send: MessageSender['send'] = async (message) => {
    const target = targets.get(message.to)
    if (!target) return { state: 'refused', reason: 'fairway.yaml names no receiver for this team' }
    try {
      const secrets = await Promise.all(target.secrets.map((source) => readCredential(source)))
      const body = bodyOf(message)
      const headers = signedHeaders({ id: message.id, seconds: Math.floor(Date.now() / 1000), body }, secrets)
      const { allowPrivateAddresses, timeoutSeconds } = options
      const answer = await post(target.url, { body, headers, allowPrivateAddresses, ms: timeoutSeconds * 1000 })
      return judged(answer.status, answer.retryAfter)
    } catch (error) {
      const { code, message: words } = error as NodeJS.ErrnoException
      if (code === 'ADDRESS_REFUSED') return { state: 'refused', reason: 'the address is not public' }
      return { state: 'later', reason: code === 'CREDENTIAL_MISSING' ? words : `no answer (${code ?? 'cut off'})` }
    }
  }
  return { send, teams: new Map(options.targets.map(({ team, kinds }) => [team, kinds])) }
}

function judged(status: number, retryAfter: string | undefined): SendResult {
  if (status >= 200 && status < 300) return { state: 'accepted' }
  const reason = `the receiver answered ${status}`
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const seconds = Number(retryAfter)
    const isBounded = Number.isFinite(seconds) && seconds > 0 && retryAfter !== undefined
    return { state: 'later', reason, ...(isBounded && { retryAfterSeconds: Math.min(seconds, 3_600) }) }
  }
  return { state: 'refused', reason: status < 400 ? `${reason}; redirects are not followed` : reason }
}

function bodyOf({ kind, at, to, title, link, ...message }: OutgoingMessage): string {
  const { run, change, service, environment } = message
  const data = { team: to, title, link, run, change, service, environment }
  return JSON.stringify({ type: `fairway.${kind}`, timestamp: at, data })
}
