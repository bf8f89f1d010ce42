import type { FastifyInstance } from 'fastify'
import { keepSignals } from '#adapters/signals/local/keep-signals.ts'
import { type MaskOf, otlpRoutes } from '#adapters/signals/local/otlp-routes.ts'
import { signalSink } from '#adapters/signals/local/signal-sink.ts'
import type { WorkloadIdentity } from '#lib/workload-token.ts'
import { isOwnEnvironment } from '#model/dev-session.ts'
import type { Environment } from '#model/environment.ts'
import type { Platform } from '#services/platform.ts'
import type { SignalIntakes } from './signal-intakes.ts'

interface MountedSignals {
  readonly platform: Platform
  readonly otlpSecret: string
  readonly intakes: SignalIntakes
  readonly maskOf?: MaskOf
}

/** Receives OTLP from workloads, passes on what products store, and forgets what is older than its environment keeps. Returns the stop. */
export async function mountSignals(
  app: FastifyInstance,
  { platform, otlpSecret, intakes, maskOf }: MountedSignals,
): Promise<() => Promise<void>> {
  const sink = signalSink({ db: platform.db, intakes })
  const masks: MaskOf | undefined = maskOf && (async (workload) => maskOf(await secretsBehind(platform, workload)))
  await app.register(otlpRoutes({ tokenSecret: otlpSecret, sink, ...(masks && { maskOf: masks }) }))
  let environments: readonly Environment[] = []
  const named = (name: string) =>
    isOwnEnvironment(name) ? environments[0] : environments.find(({ metadata }) => metadata.name === name)
  const stopKeeping = keepSignals({
    db: platform.db,
    daysOf: (name) => named(name)?.spec.logRetentionDays,
    failed: (error) => platform.log.warn({ err: error }, 'old signals could not be removed'),
  })
  const timer = setInterval(() => void read(), 10_000).unref()
  const read = async () => {
    environments = (await platform.settings().catch(() => undefined))?.environments ?? environments
  }
  return async () => {
    clearInterval(timer)
    await stopKeeping()
    await sink.close()
  }
}

/** Whose secrets a sender may print: who develops has those of the first environment. */
async function secretsBehind(platform: Platform, workload: WorkloadIdentity): Promise<WorkloadIdentity> {
  if (!isOwnEnvironment(workload.environment)) return workload
  const [first] = (await platform.settings()).environments
  return { ...workload, environment: first?.metadata.name ?? workload.environment }
}
