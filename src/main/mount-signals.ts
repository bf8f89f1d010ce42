import type { FastifyInstance } from 'fastify'
import { keepSignals } from '#adapters/signals/local/keep-signals.ts'
import { type MaskOf, otlpRoutes } from '#adapters/signals/local/otlp-routes.ts'
import { signalSink } from '#adapters/signals/local/signal-sink.ts'
import type { Environment } from '#model/environment.ts'
import type { Platform } from '#services/platform.ts'

/** Receives OTLP from workloads, passes on what products store, and forgets what is older than its environment keeps. Returns the stop. */
export async function mountSignals(
  app: FastifyInstance,
  { platform, otlpSecret, maskOf }: { platform: Platform; otlpSecret: string; maskOf?: MaskOf },
): Promise<() => Promise<void>> {
  const { logs, metrics, traces } = platform.ports
  const intakes = { logs: logs.intake, metrics: metrics.intake, traces: traces.intake }
  const sink = signalSink({ db: platform.db, intakes })
  await app.register(otlpRoutes({ tokenSecret: otlpSecret, sink, ...(maskOf && { maskOf }) }))
  let environments: readonly Environment[] = []
  const stopKeeping = keepSignals({
    db: platform.db,
    daysOf: (name) => environments.find(({ metadata }) => metadata.name === name)?.spec.logRetentionDays,
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
