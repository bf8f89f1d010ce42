import { z } from 'zod'
import { Name } from './names.ts'

/** What people are told of without asking. */
export const NotificationKind = z.enum(['approval-waiting', 'run-failed', 'rolled-back'])
export type NotificationKind = z.infer<typeof NotificationKind>

/** One thing that one person was told. Names and a link only: never a value, a log line or the words of an error. */
export const Notification = z
  .object({
    id: z.string(),
    kind: NotificationKind,
    title: z.string(),
    /** The run it is about; of a change request, the run of its checks. */
    run: z.string(),
    /** `owner/name#number`, where a change request waits that no run waits for. */
    change: z.string().optional(),
    service: Name.optional(),
    environment: Name.optional(),
    /** Path of the portal's page. */
    path: z.string(),
    at: z.iso.datetime(),
    readAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'Notification' })
export type Notification = z.infer<typeof Notification>

/** Which kinds reach a person, and how. */
export const NotificationPreferences = z
  .strictObject({ inbox: z.array(NotificationKind).max(10), mail: z.array(NotificationKind).max(10) })
  .meta({ id: 'NotificationPreferences' })
export type NotificationPreferences = z.infer<typeof NotificationPreferences>

/** Of somebody who chose nothing. */
export const usualPreferences: NotificationPreferences = {
  inbox: [...NotificationKind.options],
  mail: [...NotificationKind.options],
}
