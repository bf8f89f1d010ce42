import type { LogLine, MetricsAsCode, MetricSeries, Span, TraceSummary } from '#model/signals.ts'
import { isOwnEnvironment, ownEnvironment } from '#model/dev-session.ts'
import { PlatformError } from '#errors/platform-error.ts'
import type { Platform } from '#workflows/platform.ts'
import { environmentOf } from '#workflows/settings.ts'
import { authorise, type Caller, requireService } from './caller.ts'
import { metricsAsCode } from './metrics-as-code.ts'

export interface SignalPlace {
  readonly name: string
  readonly environment: string
}

export interface LogQuery {
  readonly after?: string | undefined
  readonly before?: string | undefined
  readonly limit: number
  readonly level?: LogLine['level'] | undefined
  readonly contains?: string | undefined
  readonly traceId?: string | undefined
}

export async function readLogs(
  platform: Platform,
  caller: Caller,
  { place, query }: { place: SignalPlace; query: LogQuery },
): Promise<LogLine[]> {
  const scope = await scopeOf(platform, caller, place)
  const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as LogQuery & {
    limit: number
  }
  return [...(await platform.ports.logs.query(scope, given as Parameters<typeof platform.ports.logs.query>[1]))]
}

export async function readMetrics(
  platform: Platform,
  caller: Caller,
  { place, minutes, points }: { place: SignalPlace; minutes: number; points: number },
): Promise<{ series: MetricSeries[]; from: string; to: string; asCode?: MetricsAsCode }> {
  const scope = await scopeOf(platform, caller, place)
  const range = lastMinutes(minutes)
  const [series, asCode] = await Promise.all([
    platform.ports.metrics.golden(scope, range, points),
    metricsAsCode(platform, scope),
  ])
  return { series: [...series], ...range, ...(asCode && { asCode }) }
}

export async function listTraces(
  platform: Platform,
  caller: Caller,
  {
    place,
    minutes,
    ...query
  }: {
    place: SignalPlace
    minutes: number
    limit: number
    errorsOnly?: boolean | undefined
    minDurationMs?: number | undefined
  },
): Promise<TraceSummary[]> {
  const scope = await scopeOf(platform, caller, place)
  return [
    ...(await platform.ports.traces.list(scope, {
      range: lastMinutes(minutes),
      limit: query.limit,
      ...(query.errorsOnly && { errorsOnly: true }),
      ...(query.minDurationMs && { minDurationMs: query.minDurationMs }),
    })),
  ]
}

export async function readTrace(
  platform: Platform,
  caller: Caller,
  { place, traceId }: { place: SignalPlace; traceId: string },
): Promise<Span[]> {
  const scope = await scopeOf(platform, caller, place)
  const spans = await platform.ports.traces.read(scope, traceId)
  if (spans) return [...spans]
  throw new PlatformError('NOT_FOUND', `${place.name} has no trace ${traceId} in ${place.environment}`)
}

async function scopeOf(
  platform: Platform,
  caller: Caller,
  { name, environment }: SignalPlace,
): Promise<{ service: string; environment: string }> {
  authorise(caller, 'read')
  await requireService(platform, name)
  const own = environment === 'me' ? ownEnvironment(caller.person.name) : environment
  if (!isOwnEnvironment(own)) environmentOf(await platform.settings(), environment)
  return { service: name, environment: own }
}

function lastMinutes(minutes: number): { from: string; to: string } {
  const now = Date.now()
  return { from: new Date(now - minutes * 60_000).toISOString(), to: new Date(now).toISOString() }
}
