import { closeDevRoute, openDevRoute, renewDevRoute } from '#services/develop/lend-route.ts'
import { startDevelopment } from '#services/develop/start-development.ts'
import * as contract from '../contract/dev-sessions.ts'
import { handle } from '../handler.ts'
import type { ApiContext } from './context.ts'

export function devSessionHandlers({ platform }: ApiContext) {
  return [
    handle(contract.startDevelopment, ({ caller, params, body, signal }) =>
      startDevelopment(platform, caller, { ...body, service: params.name, signal }),
    ),
    handle(contract.openDevRoute, ({ caller, params, body, signal }) =>
      openDevRoute(platform, caller, { ...body, service: params.name, signal }),
    ),
    handle(contract.renewDevRoute, ({ caller, params, signal }) =>
      renewDevRoute(platform, caller, { service: params.name, lease: params.lease, signal }),
    ),
    handle(contract.closeDevRoute, ({ caller, params, signal }) =>
      closeDevRoute(platform, caller, { service: params.name, lease: params.lease, signal }),
    ),
  ]
}
