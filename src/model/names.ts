import { z } from 'zod'

/** A name as Kubernetes and DNS take it: 2 to 40 lower-case letters, digits, hyphens; begins with a letter, ends with letter or digit. */
export const Name = z
  .string()
  .regex(
    /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])$/,
    'use 2 to 40 lower-case letters, digits and hyphens, beginning with a letter',
  )
  .meta({ id: 'Name' })
export type Name = z.infer<typeof Name>

/** A Git commit id: 40 hex digits. */
export const Commit = z.string().regex(/^[0-9a-f]{40}$/)
export type Commit = z.infer<typeof Commit>

/** A content digest as OCI writes it. */
export const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
export type Digest = z.infer<typeof Digest>

/** An instant as ISO 8601 in UTC. */
export const Instant = z.iso.datetime()
export type Instant = z.infer<typeof Instant>

/** Where a repository lives on its Git host. `fairway/platform`, `fairway/delivery`, `<team>/<service>`. */
export const RepoRef = z.object({ owner: Name, name: Name }).meta({ id: 'RepoRef' })
export type RepoRef = z.infer<typeof RepoRef>

export const platformRepo: RepoRef = { owner: 'fairway', name: 'platform' }
export const deliveryRepo: RepoRef = { owner: 'fairway', name: 'delivery' }

/** `owner/name`, as people write it. */
export function repoName(repo: RepoRef): string {
  return `${repo.owner}/${repo.name}`
}
