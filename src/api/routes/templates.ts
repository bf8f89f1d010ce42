import { previewService } from '#services/create-service.ts'
import { checkAnswers, listGoldenPaths, readGoldenPath } from '#services/templates.ts'
import * as contract from '../contract/templates.ts'
import { handle } from '../handler.ts'
import type { ApiContext } from './context.ts'

export function templateHandlers({ platform }: ApiContext) {
  return [
    handle(contract.listTemplates, async ({ caller }) => ({ items: await listGoldenPaths(platform, caller) })),
    handle(contract.readTemplate, ({ caller, params }) => readGoldenPath(platform, caller, params.name)),
    handle(contract.checkAnswers, ({ caller, params, body }) =>
      checkAnswers(platform, caller, { template: params.name, ...body }),
    ),
    handle(contract.previewService, ({ caller, params, body }) =>
      previewService(platform, caller, {
        template: params.name,
        service: body.name,
        owner: body.owner,
        answers: body.values,
      }),
    ),
  ]
}
