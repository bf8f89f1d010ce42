import type { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import type { MessageSender, Notifications } from '#ports/notifications.ts'
import type { Probe } from '../run-probes.ts'
import type { StartFile } from '../start-file.ts'

/** The ways out that fairway.yaml names, and how each is tried live. */
export interface AcceptedNotifications {
  readonly notifications: Notifications
  readonly probes: readonly Probe[]
}

/** Looks at the options and connects to nothing; what is not set up is not loaded. SETTINGS_INVALID names the field. */
export async function acceptNotifications(given: StartFile['notifications'] = {}): Promise<AcceptedNotifications> {
  const [mail, hook] = [
    given.smtp && (await acceptSmtp(given.smtp)),
    given.webhook && (await acceptWebhook(given.webhook)),
  ]
  return {
    notifications: { mail: mail?.sender, webhook: hook?.sender },
    probes: [mail?.probe, hook?.probe].filter((probe) => probe !== undefined),
  }
}

async function acceptSmtp(given: object): Promise<{ sender: MessageSender; probe: Probe }> {
  const { SmtpOptions } = await import('#adapters/notifications/smtp/options.ts')
  const options = checked(SmtpOptions, given, 'smtp')
  const { smtp } = await import('#adapters/notifications/smtp/smtp.ts')
  const { checkConnection } = await import('#adapters/notifications/smtp/check-connection.ts')
  return { sender: smtp(options), probe: probe('smtp', given, () => checkConnection(options)) }
}

async function acceptWebhook(given: object) {
  const { WebhookOptions } = await import('#adapters/notifications/webhook/options.ts')
  const options = checked(WebhookOptions, given, 'webhook')
  const { webhook } = await import('#adapters/notifications/webhook/webhook.ts')
  const { checkConnection } = await import('#adapters/notifications/webhook/check-connection.ts')
  return { sender: webhook(options), probe: probe('webhook', given, () => checkConnection(options)) }
}

const probe = (product: string, options: object, ask: Probe['ask']): Probe => ({
  port: 'notifications',
  choice: { ...options, product },
  ask,
})

function checked<T extends z.ZodType>(schema: T, given: object, name: string): z.output<T> {
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const field = ['fairway.yaml: spec.notifications', name, ...(issue?.path ?? [])].join('.')
  throw new PlatformError('SETTINGS_INVALID', `${field}: ${issue?.message ?? 'not valid'}`, {
    hint: `docs/adapters/${name}.md lists the options`,
  })
}
