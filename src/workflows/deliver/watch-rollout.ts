import { z } from 'zod'
import { setTimeout as pause } from 'node:timers/promises'
import { PlatformError } from '#errors/platform-error.ts'
import type { LiveStatus } from '#ports/delivery.ts'
import { recordOutcome } from '#store/release.ts'
import { defineStep, type StepContext } from '../engine/step.ts'
import { environmentOf } from '../settings.ts'
import { DeliveryPlace } from './place.ts'

/** Seconds beyond the rollout's own limit before the runtime counts as silent. */
const graceSeconds = 30

/** Watches until the runtime says that exactly this commit is healthy, or why it never will be. */
export const watchRolloutStep = defineStep({
  name: 'watch-rollout',
  title: 'Roll out',
  input: DeliveryPlace.extend({ commit: z.string() }),
  output: z.object({ health: z.string(), url: z.string().optional(), replicas: z.int().optional() }),
  seconds: 3_700,
  describe: ({ service, environment }) => `${service} healthy in ${environment}`,
  effect: ({ url }, { service, environment }) => `${service} is healthy in ${environment}${url ? `: ${url}` : ''}`,
  async run(context, { service, owner: _owner, environment, commit }) {
    const { platform, log, signal } = context
    const place = { service, environment }
    const limit = environmentOf(await platform.settings(), environment).spec.rolloutSeconds + graceSeconds
    await platform.ports.delivery
      .refresh(environment, signal)
      .catch((error: Error) => log(`the runtime took no hint: ${error.message}`, 'warn'))
    const status = await settled(context, { place, commit, end: performance.now() + limit * 1000 })
    const failure = status?.rolloutFailure ?? (status && status.health !== 'healthy' ? status.reason : undefined)
    const healthy = status?.health === 'healthy' && status.liveCommit === commit
    await recordOutcome(platform.db, {
      ...place,
      commit,
      outcome: healthy ? 'healthy' : status ? 'failed' : 'unknown',
      ...(failure && { reason: failure }),
    })
    await platform.events.publish('service', service)
    if (!status)
      throw new PlatformError(
        'ROLLOUT_TIMEOUT',
        `the runtime did not report ${commit.slice(0, 12)} within ${limit} s`,
        { hint: `fairway status ${service}` },
      )
    if (!healthy)
      throw new PlatformError('ROLLOUT_FAILED', failure ?? 'the new version never became ready', {
        hint: `fairway logs ${service} --env ${environment}; then push a fix, or: fairway rollback ${service} --env ${environment}`,
      })
    return {
      health: status.health,
      ...(status.url && { url: status.url }),
      ...(status.replicas && { replicas: status.replicas.ready }),
    }
  },
})

/** The status that decides, or undefined when the time is over. News of the runtime wake it up; a slow look is the safety net. */
async function settled(
  { platform, log, signal }: StepContext,
  { place, commit, end }: { place: { service: string; environment: string }; commit: string; end: number },
): Promise<LiveStatus | undefined> {
  const { delivery } = platform.ports
  let wake = () => {}
  const stop = delivery.onChange(
    (changed) => changed.service === place.service && changed.environment === place.environment && wake(),
  )
  let told = ''
  try {
    while (performance.now() < end) {
      const news = new Promise<void>((resolve) => (wake = resolve))
      const status = await delivery.status(place, signal)
      const line = `${status.sync}, ${status.health}${status.replicas ? `, ${status.replicas.ready}/${status.replicas.desired} ready` : ''}${status.reason ? `: ${status.reason}` : ''}`
      if (line !== told) log(line)
      told = line
      if (
        status.wantedCommit === commit &&
        (status.rolloutFailure || (status.liveCommit === commit && status.health === 'healthy'))
      )
        return status
      await Promise.race([news, pause(1_000)])
    }
    return undefined
  } finally {
    stop()
  }
}
