import { z } from 'zod'
import type { CommitSigner } from '#lib/git/commit-signature.ts'
import type { Database } from '#store/database.ts'
import type { RepoRef } from '#model/names.ts'

export interface GitCredential {
  readonly username: string
  readonly password: string
}

export interface GitActor {
  readonly actor: string
  readonly teams: readonly string[]
  readonly platform: boolean
}

/** Whether somebody may read or write a repository at all; what may reach which branch is decided by the branch rule. */
export type AuthorizeGit = (
  credential: GitCredential,
  repo: RepoRef,
  access: 'read' | 'write',
) => Promise<GitActor | 'unauthenticated' | 'forbidden'>

export interface LocalGitHostOptions {
  /** Where the bare repositories lie: `<folder>/<owner>/<name>.git`. */
  readonly folder: string
  readonly db: Database
  /** Where this server answers, as people see it: `http://localhost:7007`. */
  readonly baseUrl: string
  /** Where the platform itself reaches it, when that is another address; a literal loopback one. */
  readonly internalUrl?: string | (() => string)
  /** `platform` is the password of the platform's own identity, new with every process start. */
  readonly tokens: { readonly platform: string }
  readonly authorize: AuthorizeGit
  /** Signs the commits of merges. */
  readonly signer?: CommitSigner | undefined
  /** Largest push in bytes. */
  readonly maxPushBytes?: number
}

/** The user name under which the platform itself fetches and pushes. */
export const platformUser = 'fairway'

export const BranchRuleFile = z.object({
  pushBy: z.enum(['team', 'platform', 'change']),
  teams: z.array(z.string()),
  refusal: z.string().optional(),
  closed: z.array(z.string()).optional(),
})

/** `fairway.json` inside each bare repository: what Git itself has no place for. */
export const RepositoryFile = z.object({
  description: z.string(),
  marker: z.string().optional(),
  createdAt: z.string(),
  teams: z.array(z.string()),
  rule: BranchRuleFile,
  archived: z.object({ at: z.string(), reason: z.string() }).optional(),
})
export type RepositoryFile = z.infer<typeof RepositoryFile>

export const defaultBranch = 'main'
