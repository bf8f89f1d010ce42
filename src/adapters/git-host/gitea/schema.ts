import { z } from 'zod'

/** Only what we read of Gitea's answers. */
export const User = z.object({ id: z.int(), login: z.string() })

export const Repo = z.object({
  id: z.int(),
  name: z.string(),
  owner: z.object({ login: z.string() }),
  description: z.string(),
  default_branch: z.string(),
  archived: z.boolean(),
  created_at: z.string(),
  allow_manual_merge: z.boolean().optional(),
})
export type Repo = z.infer<typeof Repo>

export const Branch = z.object({ commit: z.object({ id: z.string() }) })

const Side = z.object({ ref: z.string(), sha: z.string(), label: z.string().optional() })

export const Pull = z.object({
  number: z.int(),
  title: z.string(),
  body: z.string().nullable(),
  user: User,
  state: z.enum(['open', 'closed']),
  merged: z.boolean(),
  merged_at: z.string().nullable(),
  merged_by: User.nullish(),
  merge_commit_sha: z.string().nullish(),
  created_at: z.string(),
  closed_at: z.string().nullish(),
  base: Side,
  head: Side,
})
export type Pull = z.infer<typeof Pull>

export const Status = z.object({
  /** Counts the statuses of a commit: of two in one second, only this tells which came later. */
  id: z.int(),
  status: z.string(),
  context: z.string(),
  description: z.string(),
  target_url: z.string().nullish(),
  creator: User.nullish(),
  updated_at: z.string(),
})

export const Review = z.object({
  user: User.nullish(),
  state: z.string(),
  body: z.string(),
  commit_id: z.string(),
  dismissed: z.boolean(),
  submitted_at: z.string(),
})

export const Team = z.object({ id: z.int(), name: z.string() })
export const Organisation = z.object({ username: z.string() })
export const Protection = z.object({ rule_name: z.string() })
export const Hook = z.object({ id: z.int(), config: z.record(z.string(), z.string()) })
