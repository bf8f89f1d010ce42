import {
  listEntities,
  listEnvironments,
  listPeople,
  readEntity,
  refreshCatalog,
  validateTexts,
} from '#services/catalog.ts'
import { bootstrapEnvironment, detachEnvironment } from '#services/point-environment.ts'
import { readRelations } from '#services/relations/read-relations.ts'
import * as contract from '../contract/catalog.ts'
import { handle } from '../handler.ts'
import type { ApiContext } from './context.ts'

export function catalogHandlers({ platform }: ApiContext) {
  return [
    handle(contract.listEntities, ({ caller, query }) => listEntities(platform, caller, query)),
    handle(contract.readEntity, ({ caller, params }) => readEntity(platform, caller, params)),
    handle(contract.entityRelations, ({ caller, params }) => readRelations(platform, caller, params)),
    handle(contract.validateEntity, async ({ caller, body }) => validateTexts(caller, body)),
    handle(contract.refreshCatalog, ({ caller }) => refreshCatalog(platform, caller)),
    handle(contract.listEnvironments, ({ caller }) => listEnvironments(platform, caller)),
    handle(contract.bootstrapEnvironment, ({ caller, params, body, signal }) =>
      bootstrapEnvironment(platform, caller, { ...params, ...body, signal }),
    ),
    handle(contract.detachEnvironment, ({ caller, params, body, signal }) =>
      detachEnvironment(platform, caller, { ...params, ...body, signal }),
    ),
    handle(contract.listPeople, ({ caller }) => listPeople(platform, caller)),
  ]
}
