import { explainService } from '#services/explain/explain-failure.ts'
import { createService, previewService } from '#services/create-service.ts'
import { previewPromotion, previewRollback, promoteService, rollbackService } from '#services/promote-service.ts'
import { readActivity, readDeployments, readReleases, readResources, readService } from '#services/read-service.ts'
import { readMatrix } from '#services/read-matrix.ts'
import { listServiceSummaries, readStatus } from '#services/read-services.ts'
import * as contract from '../contract/services.ts'
import { handle } from '../handler.ts'
import type { ApiContext } from './context.ts'

export function serviceHandlers({ platform }: ApiContext) {
  return [
    handle(contract.createService, async ({ caller, body, idempotencyKey }) => {
      const request = { template: body.template, service: body.name, owner: body.owner, answers: body.values }
      if (body.dryRun) return { preview: await previewService(platform, caller, request) }
      return { run: await createService(platform, caller, { request, idempotencyKey }) }
    }),
    handle(contract.promote, async ({ caller, params, body, idempotencyKey }) => {
      const request = { service: params.name, to: body.to, version: body.version }
      if (body.dryRun) return { preview: await previewPromotion(platform, caller, request) }
      return { run: await promoteService(platform, caller, { request, idempotencyKey }) }
    }),
    handle(contract.rollback, async ({ caller, params, body, idempotencyKey }) => {
      const request = { service: params.name, environment: body.environment, to: body.to, reason: body.reason }
      if (body.dryRun) return { preview: await previewRollback(platform, caller, request) }
      return { run: await rollbackService(platform, caller, { request, idempotencyKey }) }
    }),
    handle(contract.deliveryDiff, ({ caller, params, query }) =>
      previewPromotion(platform, caller, { service: params.name, ...query }),
    ),
    handle(contract.listServices, ({ caller, query }) => listServiceSummaries(platform, caller, query)),
    handle(contract.deploymentMatrix, ({ caller, query }) => readMatrix(platform, caller, query)),
    handle(contract.readService, ({ caller, params }) => readService(platform, caller, params.name)),
    handle(contract.serviceStatus, ({ caller, params }) => readStatus(platform, caller, params.name)),
    handle(contract.explainService, async ({ caller, params, query }) => ({
      items: await explainService(platform, caller, { name: params.name, ...query }),
    })),
    handle(contract.serviceDeployments, async ({ caller, params, query }) => ({
      items: await readDeployments(platform, caller, { name: params.name, ...query }),
    })),
    handle(contract.serviceReleases, async ({ caller, params, query }) => ({
      items: await readReleases(platform, caller, { name: params.name, limit: query.limit }),
    })),
    handle(contract.serviceResources, ({ caller, params, query }) =>
      readResources(platform, caller, { name: params.name, environment: query.environment }),
    ),
    handle(contract.serviceActivity, async ({ caller, params, query }) => {
      const before = query.cursor === undefined ? undefined : Number(query.cursor)
      const items = await readActivity(platform, caller, { name: params.name, before, limit: query.limit })
      return { items, ...nextOf(items, query.limit) }
    }),
  ]
}

/** The cursor behind a full page of numbered records. */
export function nextOf(items: readonly { seq: number }[], limit: number): { next?: string } {
  const last = items.at(-1)
  return items.length === limit && last ? { next: String(last.seq) } : {}
}
