import { readRepository } from '#services/repositories.ts'
import { changeDiff, listChanges, readChange } from '#services/changes.ts'
import { closeChange, mergeChange, openChange, reviewChange } from '#services/review-changes.ts'
import * as contract from '../contract/changes.ts'
import { handle } from '../handler.ts'
import type { ApiContext } from './context.ts'

export function changeHandlers({ platform }: ApiContext) {
  return [
    handle(contract.listChanges, async ({ caller, query }) => ({ items: await listChanges(platform, caller, query) })),
    handle(contract.readRepository, ({ caller, params: { owner, repo } }) =>
      readRepository(platform, caller, { owner, name: repo }),
    ),
    handle(contract.openChange, ({ caller, body }) => openChange(platform, caller, body)),
    handle(contract.readChange, ({ caller, params }) => readChange(platform, caller, placeOf(params))),
    handle(contract.changeDiff, ({ caller, params }) => changeDiff(platform, caller, placeOf(params))),
    handle(contract.reviewChange, ({ caller, params, body }) =>
      reviewChange(platform, caller, { place: placeOf(params), ...body }),
    ),
    handle(contract.mergeChange, ({ caller, params, body }) =>
      mergeChange(platform, caller, { place: placeOf(params), head: body.head }),
    ),
    handle(contract.closeChange, ({ caller, params, body }) =>
      closeChange(platform, caller, { place: placeOf(params), reason: body.reason }),
    ),
  ]
}

function placeOf({ owner, repo, number }: { owner: string; repo: string; number: number }) {
  return { repo: { owner, name: repo }, number }
}
