import { listTraces, readLogs, readMetrics, readTrace } from '#services/signals.ts'
import * as contract from '../contract/signals.ts'
import { handle } from '../handler.ts'
import type { ApiContext } from './context.ts'

export function signalHandlers({ platform }: ApiContext) {
  return [
    handle(contract.serviceLogs, async ({ caller, params, query: { environment, ...query } }) => ({
      items: await readLogs(platform, caller, { place: { name: params.name, environment }, query }),
    })),
    handle(contract.serviceMetrics, ({ caller, params, query }) =>
      readMetrics(platform, caller, {
        place: { name: params.name, environment: query.environment },
        minutes: query.minutes,
        points: query.points,
      }),
    ),
    handle(contract.serviceTraces, async ({ caller, params, query: { environment, ...query } }) => ({
      items: await listTraces(platform, caller, { place: { name: params.name, environment }, ...query }),
    })),
    handle(contract.serviceTrace, async ({ caller, params, query }) => ({
      spans: await readTrace(platform, caller, {
        place: { name: params.name, environment: query.environment },
        traceId: params.traceId,
      }),
    })),
  ]
}
