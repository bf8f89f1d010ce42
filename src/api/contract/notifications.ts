import { z } from 'zod'
import { Name } from '#model/names.ts'
import { Notification, NotificationKind, NotificationPreferences } from '#model/notification.ts'
import { route } from '../route.ts'
import { page, Paging } from './shared.ts'

const Id = z.string().regex(/^msg_[0-9a-f]{32}$/, 'not the id of a notification')
const Cursor = z
  .string()
  .max(100)
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z,msg_[0-9a-f]{32}$/, 'not a cursor of this list')
  .refine((text) => !Number.isNaN(Date.parse(text.split(',')[0] ?? '')), 'not a cursor of this list')

const Preferences = z.object({
  chosen: NotificationPreferences,
  mail: z.object({ isSetUp: z.boolean(), address: z.string().optional() }),
  webhooks: z.array(z.object({ team: Name, kinds: z.array(NotificationKind) })),
})

export const listNotifications = route({
  id: 'notifications.list',
  method: 'GET',
  path: '/api/v1/notifications',
  summary: 'What I was told, newest first',
  access: 'signed-in',
  query: Paging.extend({
    cursor: Cursor.optional(),
    unread: z.literal('true').optional(),
    kind: NotificationKind.optional(),
  }),
  reply: page(Notification).extend({ unread: z.number() }),
})

export const readNotifications = route({
  id: 'notifications.read',
  method: 'POST',
  path: '/api/v1/notifications/read',
  summary: 'Mark mine as read: these, or all when none are named',
  access: 'signed-in',
  body: z.strictObject({ ids: z.array(Id).min(1).max(200).optional() }),
  reply: z.object({ marked: z.number() }),
  repeat: { free: 'marked twice is marked once' },
})

export const notificationPreferences = route({
  id: 'notifications.preferences',
  method: 'GET',
  path: '/api/v1/notifications/preferences',
  summary: 'Which kinds reach me, and how',
  access: 'signed-in',
  reply: Preferences,
})

export const preferNotifications = route({
  id: 'notifications.prefer',
  method: 'PUT',
  path: '/api/v1/notifications/preferences',
  summary: 'Choose which kinds reach me, and how',
  access: 'signed-in',
  body: NotificationPreferences,
  reply: Preferences,
  repeat: { free: 'the same choice again is the same choice' },
})

export const listGivenUp = route({
  id: 'notifications.given-up',
  method: 'GET',
  path: '/api/v1/notifications/given-up',
  summary: 'Messages that could not be delivered, with why',
  access: 'signed-in',
  reply: z.object({
    items: z.array(
      z.object({
        id: z.string(),
        channel: z.enum(['mail', 'webhook']),
        recipient: z.string(),
        attempts: z.number(),
        reason: z.string(),
        at: z.iso.datetime(),
        givenUpAt: z.iso.datetime(),
      }),
    ),
  }),
})

export const sendAgain = route({
  id: 'notifications.send-again',
  method: 'POST',
  path: '/api/v1/notifications/given-up/:id/send-again',
  summary: 'Try a message that was given up anew, under the id it had',
  access: 'signed-in',
  params: z.object({ id: Id }),
  reply: z.object({ id: z.string() }),
  repeat: { free: 'a message that waits already is not found' },
})
