import * as inbox from '#services/notifications/inbox.ts'
import * as contract from '../contract/notifications.ts'
import { handle } from '../handler.ts'
import type { ApiContext } from './context.ts'

export function notificationHandlers({ platform }: ApiContext) {
  return [
    handle(contract.listNotifications, ({ caller, query: { unread, ...query } }) =>
      inbox.readInbox(platform, caller, { ...query, unread: unread === 'true' }),
    ),
    handle(contract.readNotifications, ({ caller, body }) => inbox.markInboxRead(platform, caller, body.ids)),
    handle(contract.notificationPreferences, ({ caller }) => inbox.readPreferences(platform, caller)),
    handle(contract.preferNotifications, ({ caller, body }) => inbox.keepPreferences(platform, caller, body)),
    handle(contract.listGivenUp, async ({ caller }) => ({ items: await inbox.listUndelivered(platform, caller) })),
    handle(contract.sendAgain, ({ caller, params }) => inbox.sendMessageAgain(platform, caller, params.id)),
  ]
}
