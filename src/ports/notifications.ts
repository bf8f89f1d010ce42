import type { NotificationKind } from '#model/notification.ts'

/** What leaves the platform: names and a link, never a value. */
export interface OutgoingMessage {
  /** Stable: the same message sent again carries it again, so that a receiver can tell. */
  readonly id: string
  readonly kind: NotificationKind
  /** The address of a person, or the name of a team. */
  readonly to: string
  readonly title: string
  readonly link: string
  /** When it happened, ISO. */
  readonly at: string
  readonly run: string
  /** `owner/name#number`, where a change request waits. */
  readonly change?: string | undefined
  readonly service?: string | undefined
  readonly environment?: string | undefined
}

/** `later` is worth another try; `refused` is not, until somebody changes something. The reason holds no secret. */
export type SendResult =
  | { readonly state: 'accepted' }
  | { readonly state: 'later'; readonly reason: string; readonly retryAfterSeconds?: number | undefined }
  | { readonly state: 'refused'; readonly reason: string }

/** One way out. It is done within 15 s, follows no redirect, and a message may reach the receiver more than once. */
export interface MessageSender {
  send(message: OutgoingMessage): Promise<SendResult>
}

/** The ways out that the operator set up. With none, notifications are in the inbox of portal and command line only. */
export interface Notifications {
  /** To a person's mail address. */
  readonly mail: MessageSender | undefined
  /** To the receiver of a team; `teams` are those that have one, with the kinds they want. */
  readonly webhook: (MessageSender & { readonly teams: ReadonlyMap<string, readonly NotificationKind[]> }) | undefined
}
