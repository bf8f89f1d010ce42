import type { LiveChecks } from '#services/live-checks.ts'
import { acceptAdapters } from './adapters/accept-adapters.ts'
import { acceptNotifications } from './adapters/notifications.ts'
import type { Composed } from './compose.ts'
import { embeddedProbes } from './embedded-probes.ts'
import { productProbes, runProbes } from './run-probes.ts'
import { readStartFile } from './start-file.ts'

/** `fairway doctor --live` of a platform that runs. Who asks while a round is under way gets that round's answer. */
export function liveChecks(composed: Composed, place: { dataFolder: string; url: string }): LiveChecks {
  const probes = [
    ...productProbes(composed.platform.adapters.running, composed.accepted),
    ...composed.waysOut.probes,
    ...embeddedProbes(composed, place),
  ]
  let round: ReturnType<LiveChecks> | undefined
  return () => (round ??= runProbes(probes).finally(() => (round = undefined)))
}

/** The same before anything runs: the products that the start-up file names. Embedded adapters start with the platform. */
export async function liveChecksOfStart(): ReturnType<LiveChecks> {
  const { adapters, notifications } = await readStartFile()
  const { probes } = await acceptNotifications(notifications)
  return runProbes([...productProbes(adapters, await acceptAdapters(adapters)), ...probes])
}
