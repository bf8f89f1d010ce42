import { z } from 'zod'
import { ChangeRequest, ChangeState, FileDiff } from '#model/change-request.ts'
import { Commit, Name } from '#model/names.ts'
import { route } from '../route.ts'
import { ChangeParams, page, Paging } from './shared.ts'

export const listChanges = route({
  id: 'changes.list',
  method: 'GET',
  path: '/api/v1/changes',
  summary: 'Change requests of every repository you may see, newest first',
  access: 'signed-in',
  query: Paging.extend({
    state: ChangeState.optional(),
    service: Name.optional(),
    kind: z.enum(['service', 'delivery', 'platform']).optional(),
    mine: z.stringbool().optional(),
  }),
  reply: page(ChangeRequest),
})

export const openChange = route({
  id: 'changes.open',
  method: 'POST',
  path: '/api/v1/changes',
  summary: 'Open a change request for a branch that was pushed',
  access: 'signed-in',
  body: z.strictObject({
    repo: z.strictObject({ owner: Name, name: Name }),
    branch: z.string().min(1).max(200),
    title: z.string().min(1).max(200),
    description: z.string().max(20_000).default(''),
  }),
  reply: ChangeRequest,
  status: 201,
})

export const readChange = route({
  id: 'changes.read',
  method: 'GET',
  path: '/api/v1/changes/:owner/:repo/:number',
  summary: 'One change request: checks, verdict, approvals, whether it can merge and why not',
  access: 'signed-in',
  params: ChangeParams,
  reply: ChangeRequest,
})

export const changeDiff = route({
  id: 'changes.diff',
  method: 'GET',
  path: '/api/v1/changes/:owner/:repo/:number/diff',
  summary: 'Changed files with both sides',
  access: 'signed-in',
  params: ChangeParams,
  reply: z.object({
    files: z.array(FileDiff),
    commits: z.array(z.object({ commit: z.string(), author: z.string(), message: z.string(), at: z.string() })),
  }),
})

/** `head` binds the decision to what was looked at: a newer head gives CONFLICT. */
export const reviewChange = route({
  id: 'changes.review',
  method: 'POST',
  path: '/api/v1/changes/:owner/:repo/:number/reviews',
  summary: 'Approve or reject',
  access: 'signed-in',
  params: ChangeParams,
  body: z.strictObject({
    decision: z.enum(['approve', 'reject']),
    head: Commit,
    comment: z.string().max(5_000).default(''),
  }),
  reply: ChangeRequest,
})

export const mergeChange = route({
  id: 'changes.merge',
  method: 'POST',
  path: '/api/v1/changes/:owner/:repo/:number/merge',
  summary: 'Merge once checks and approvals allow it',
  access: 'signed-in',
  params: ChangeParams,
  body: z.strictObject({ head: Commit }),
  reply: ChangeRequest,
})

export const closeChange = route({
  id: 'changes.close',
  method: 'POST',
  path: '/api/v1/changes/:owner/:repo/:number/close',
  summary: 'Close without merging',
  access: 'signed-in',
  params: ChangeParams,
  body: z.strictObject({ reason: z.string().max(500).default('') }),
  reply: ChangeRequest,
})

export const readRepository = route({
  id: 'repositories.read',
  method: 'GET',
  path: '/api/v1/repositories/:owner/:repo',
  summary: 'Where people clone a repository from',
  access: 'signed-in',
  params: z.object({ owner: Name, repo: Name }),
  reply: z.object({ name: z.string(), cloneUrl: z.string(), defaultBranch: z.string(), archived: z.boolean() }),
})
