import { readDrift, readDrifts } from '#services/drift/read-drift.ts'
import { previewSettlement, settleDrift } from '#services/drift/settle-drift.ts'
import * as contract from '../contract/drift.ts'
import { handle } from '../handler.ts'
import type { ApiContext } from './context.ts'

export function driftHandlers({ platform }: ApiContext) {
  return [
    handle(contract.listDrift, async ({ caller, query }) => ({ items: await readDrifts(platform, caller, query) })),
    handle(contract.readDrift, ({ caller, params }) => readDrift(platform, caller, params.id)),
    handle(contract.revertDrift, async ({ caller, params, body, idempotencyKey }) => {
      const wanted = { id: params.id, act: 'revert' as const, idempotencyKey }
      if (body.dryRun) return { plan: await previewSettlement(platform, caller, wanted) }
      return { run: await settleDrift(platform, caller, wanted) }
    }),
    handle(contract.adoptDrift, async ({ caller, params, body, idempotencyKey }) => {
      const wanted = { id: params.id, act: 'adopt' as const, idempotencyKey }
      if (body.dryRun) return { plan: await previewSettlement(platform, caller, wanted) }
      return { run: await settleDrift(platform, caller, wanted) }
    }),
  ]
}
