import { z } from 'zod'
import { Explanation } from '#model/explanation.ts'
import { Commit, Name } from '#model/names.ts'
import { Run, RunDetail, RunLogLine, RunState, Workflow } from '#model/run.ts'
import { RunCommit, RunCommitDiff } from '#model/run-commit.ts'
import { route } from '../route.ts'
import { page, RunPaging, RunParams } from './shared.ts'

export const listRuns = route({
  id: 'runs.list',
  method: 'GET',
  path: '/api/v1/runs',
  summary: 'Runs, newest first',
  access: 'signed-in',
  query: RunPaging.extend({
    state: RunState.optional(),
    service: Name.optional(),
    workflow: Workflow.optional(),
    mine: z.stringbool().optional(),
  }),
  reply: page(Run),
})

export const readRun = route({
  id: 'runs.read',
  method: 'GET',
  path: '/api/v1/runs/:id',
  summary: 'One run with its steps, and what the caller may do with it',
  access: 'signed-in',
  params: RunParams,
  reply: RunDetail,
})

export const runLog = route({
  id: 'runs.log',
  method: 'GET',
  path: '/api/v1/runs/:id/log',
  summary: 'Log lines of a run behind `after`',
  access: 'signed-in',
  params: RunParams,
  query: z.object({
    after: z.coerce.number().int().min(0).default(0),
    step: z.string().max(80).optional(),
    limit: z.coerce.number().int().min(1).max(5_000).default(2_000),
  }),
  reply: z.object({ items: z.array(RunLogLine) }),
})

export const explainRun = route({
  id: 'runs.explanation',
  method: 'GET',
  path: '/api/v1/runs/:id/explanation',
  summary:
    'Why a run failed: cause, evidence, what changed since the last good state, what to do; empty for one that did not',
  access: 'signed-in',
  params: RunParams,
  reply: z.object({ explanation: Explanation.optional() }),
})

export const runCommits = route({
  id: 'runs.commits',
  method: 'GET',
  path: '/api/v1/runs/:id/commits',
  summary:
    'The commits of a run: the one that started it and those it wrote, in the service’s and the delivery repository',
  access: 'signed-in',
  params: RunParams,
  reply: z.object({ items: z.array(RunCommit) }),
})

export const runCommit = route({
  id: 'runs.commit',
  method: 'GET',
  path: '/api/v1/runs/:id/commits/:commit',
  summary: 'One commit of a run with its message and what it changed',
  access: 'signed-in',
  params: RunParams.extend({ commit: Commit }),
  reply: RunCommitDiff,
})

export const retryRun = route({
  id: 'runs.retry',
  method: 'POST',
  path: '/api/v1/runs/:id/retry',
  summary: 'Go on from the failed step, under the same id',
  access: 'signed-in',
  params: RunParams,
  body: z.strictObject({}).optional(),
  reply: Run,
  status: 202,
})

export const cancelRun = route({
  id: 'runs.cancel',
  method: 'POST',
  path: '/api/v1/runs/:id/cancel',
  summary: 'End a run that waits or is under way; what it made until then stays and can be undone',
  access: 'signed-in',
  params: RunParams,
  body: z.strictObject({}).optional(),
  reply: Run,
  status: 202,
})

export const undoRun = route({
  id: 'runs.undo',
  method: 'POST',
  path: '/api/v1/runs/:id/undo',
  summary:
    'Walk the effects of a failed, cancelled or waiting run backwards; with dryRun only say what would go and what would stay',
  access: 'signed-in',
  params: RunParams,
  body: z.strictObject({ dryRun: z.boolean().default(false) }).optional(),
  reply: z.union([
    z.object({ run: Run }),
    z.object({ plan: z.array(z.object({ step: z.string(), effect: z.string(), willUndo: z.boolean() })) }),
  ]),
  status: 202,
})
