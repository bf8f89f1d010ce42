import { isIP } from 'node:net'
import { z } from 'zod'
import { CredentialSource } from '#lib/credential.ts'
import { isPublicAddress } from '#lib/http/public-address.ts'
import { Name } from '#model/names.ts'
import { NotificationKind } from '#model/notification.ts'

const Target = z.strictObject({
  team: Name,
  url: z.url({ protocol: /^https?$/, error: 'is an https:// address' }).max(2_000),
  /** The one that signs, and while it is being changed the one before: a message carries a signature of each. */
  secrets: z.array(CredentialSource).min(1).max(2),
  kinds: z.array(NotificationKind).default([...NotificationKind.options]),
})

/** `spec.notifications.webhook` of fairway.yaml. Only these addresses are ever called. */
export const WebhookOptions = z
  .strictObject({
    targets: z.array(Target).min(1).max(500),
    /** Lets targets lie on loopback and private networks, and speak http. */
    allowPrivateAddresses: z.boolean().default(false),
    timeoutSeconds: z.number().min(0.2).max(15).default(10),
  })
  .superRefine(({ targets, allowPrivateAddresses }, context) => {
    const seen = new Set<string>()
    targets.forEach(({ team, url }, index) => {
      const say = (message: string) => context.addIssue({ code: 'custom', path: ['targets', index], message })
      if (seen.has(team)) say(`${team} has a receiver already`)
      seen.add(team)
      const { protocol, username, password, hostname } = new URL(url)
      if (username || password) say('the address holds a name or password; it is signed instead')
      if (allowPrivateAddresses) return
      if (protocol !== 'https:') say('is an https:// address, unless allowPrivateAddresses is true')
      const host = hostname.replace(/^\[|\]$/g, '')
      if (isIP(host) && !isPublicAddress(host)) say('is no public address, and allowPrivateAddresses is not true')
    })
  })
export type WebhookOptions = z.infer<typeof WebhookOptions>
