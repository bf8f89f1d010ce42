import { adoptRepository, previewAdoption } from '#services/adopt/adopt-repository.ts'
import * as contract from '../contract/adoptions.ts'
import { handle } from '../handler.ts'
import type { ApiContext } from './context.ts'

export function adoptionHandlers({ platform }: ApiContext) {
  return [
    handle(contract.adopt, async ({ caller, body, idempotencyKey }) => {
      const { repository: repo, dryRun, ...given } = body
      if (dryRun) return { preview: await previewAdoption(platform, caller, { repo, given }) }
      return { run: await adoptRepository(platform, caller, { request: { repo, given }, idempotencyKey }) }
    }),
  ]
}
