import { deliveryRepo, repoName } from '#model/names.ts'
import type { Place } from '#ports/delivery.ts'
import { listServices } from '#store/service.ts'
import type { Platform } from '#workflows/platform.ts'
import { scanGit, scanRuntime } from './scan.ts'

/** How soon a commit shows that reached the repository without its Git host, and what runs without any news of the runtime. */
const gitPollMs = 3_000
const runtimePollMs = 30_000

/** Finds drift by news of the Git host and of the runtime, and looks itself for what no news told. Returns the stop. */
export function keepDriftFound(platform: Platform): () => Promise<void> {
  const failed = (error: unknown) =>
    platform.log.warn({ err: error }, 'drift could not be looked for; the next look repeats it')
  const serial = serially(failed)
  const git = () => serial('git', () => scanGit(platform))
  const runtime = (place: Place) => serial(`${place.environment}/${place.service}`, () => scanRuntime(platform, place))
  let seen: string | undefined
  const poll = async () => {
    const main = await platform.ports.gitHost.files.resolve(deliveryRepo, 'main')
    if (main === seen) return
    await serial('git', async () => {
      await scanGit(platform)
      seen = main
    })
  }
  const all = async () => {
    const { environments } = await platform.settings()
    for (const { name } of await listServices(platform.db))
      for (const { metadata } of environments) await runtime({ service: name, environment: metadata.name })
  }
  const stops = [
    platform.ports.gitHost.onEvent((event) => {
      const isDelivery = event.type === 'push' && repoName(event.repo) === repoName(deliveryRepo)
      if (isDelivery && event.ref === 'refs/heads/main') void git()
    }),
    platform.ports.delivery.onChange((place) => void runtime(place)),
    every(gitPollMs, () => poll().catch(failed)),
    every(runtimePollMs, () => all().catch(failed)),
  ]
  void poll().catch(failed)
  return async () => {
    for (const stop of stops) stop()
    await serial.idle()
  }
}

function every(ms: number, work: () => Promise<void>): () => void {
  const timer = setInterval(() => void work(), ms)
  return () => clearInterval(timer)
}

/** One look at a time per subject. Who asks while one is under way gets another one after it, together with all who ask meanwhile. */
function serially(failed: (error: unknown) => void) {
  const running = new Map<string, Promise<void>>()
  const waiting = new Map<string, Promise<void>>()
  const start = (key: string, work: () => Promise<void>) => {
    const done = work()
      .catch(failed)
      .finally(() => running.delete(key))
    running.set(key, done)
    return done
  }
  const ask = (key: string, work: () => Promise<void>): Promise<void> => {
    const now = running.get(key)
    if (!now) return start(key, work)
    const next =
      waiting.get(key) ??
      now.then(() => {
        waiting.delete(key)
        return start(key, work)
      })
    waiting.set(key, next)
    return next
  }
  return Object.assign(ask, { idle: async () => void (await Promise.all([...running.values(), ...waiting.values()])) })
}
