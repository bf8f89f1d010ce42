import { pruneNotifications } from '#store/notification.ts'
import type { Platform } from '#workflows/platform.ts'
import { sendOutbox } from './send-outbox.ts'
import { tellPeople } from './tell-people.ts'

const pruneEveryMs = 3_600_000

/** Tells people and sends messages until stopped; every replica may. The stop waits for what is on its way. */
export function keepNotifying(platform: Platform, everyMs = 1_000): () => Promise<void> {
  let stopped = false
  let pruned = 0
  const look = async () => {
    while (!stopped && (await tellPeople(platform)));
    while (!stopped && (await sendOutbox(platform)) > 0);
    if (stopped || Date.now() - pruned < pruneEveryMs) return
    pruned = Date.now()
    await pruneNotifications(platform.db)
  }
  let looking: Promise<void> | undefined
  const timer = setInterval(() => {
    looking ??= look()
      .catch((error: unknown) =>
        platform.log.warn({ err: error }, 'people could not be told; the next look repeats it'),
      )
      .finally(() => (looking = undefined))
  }, everyMs)
  return async () => {
    stopped = true
    clearInterval(timer)
    await looking
  }
}
