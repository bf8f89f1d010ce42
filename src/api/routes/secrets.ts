import { listServiceSecrets, removeSecret, setSecret } from '#services/secrets.ts'
import * as contract from '../contract/secrets.ts'
import { handle } from '../handler.ts'
import type { ApiContext } from './context.ts'

export function secretHandlers({ platform }: ApiContext) {
  return [
    handle(contract.listSecrets, ({ caller, params, query, signal }) =>
      listServiceSecrets(platform, caller, { service: params.name, environment: query.environment, signal }),
    ),
    handle(contract.setSecret, ({ caller, params, body, signal }) =>
      setSecret(platform, caller, { ...body, service: params.name, signal }),
    ),
    handle(contract.removeSecret, ({ caller, params, signal }) =>
      removeSecret(platform, caller, {
        service: params.name,
        environment: params.environment,
        name: params.secret,
        signal,
      }),
    ),
  ]
}
