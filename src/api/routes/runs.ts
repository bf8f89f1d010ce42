import { explainFailure } from '#services/explain/explain-failure.ts'
import { readRunCommit, readRunCommits } from '#services/run-commits.ts'
import { cancelRun, listRuns, previewUndo, readLog, readRun, retryRun, undoRun } from '#services/runs.ts'
import * as contract from '../contract/runs.ts'
import { handle } from '../handler.ts'
import type { ApiContext } from './context.ts'

export function runHandlers({ platform }: ApiContext) {
  return [
    handle(contract.listRuns, ({ caller, query }) => listRuns(platform, caller, query)),
    handle(contract.readRun, ({ caller, params }) => readRun(platform, caller, params.id)),
    handle(contract.runLog, async ({ caller, params, query }) => ({
      items: await readLog(platform, caller, { id: params.id, ...query }),
    })),
    handle(contract.explainRun, ({ caller, params }) => explainFailure(platform, caller, params.id)),
    handle(contract.runCommits, async ({ caller, params }) => ({
      items: await readRunCommits(platform, caller, params.id),
    })),
    handle(contract.runCommit, ({ caller, params }) => readRunCommit(platform, caller, params)),
    handle(contract.retryRun, ({ caller, params }) => retryRun(platform, caller, params.id)),
    handle(contract.cancelRun, ({ caller, params }) => cancelRun(platform, caller, params.id)),
    handle(contract.undoRun, async ({ caller, params, body }) => {
      if (body?.dryRun) return { plan: await previewUndo(platform, caller, params.id) }
      return { run: await undoRun(platform, caller, params.id) }
    }),
  ]
}
