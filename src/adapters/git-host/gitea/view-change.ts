import { treeOf } from '#lib/git/trees.ts'
import { Approval, type Check, type HostChange } from '#model/change-request.ts'
import { Name, type RepoRef } from '#model/names.ts'
import { type GiteaCalls, pathOf, scopes } from './calls.ts'
import type { ChangeRecord } from './change-records.ts'
import type { Mirror } from './mirror.ts'
import { type Pull, Review, Status } from './schema.ts'

export interface ViewParts {
  readonly calls: GiteaCalls
  readonly mirror: Mirror
  readonly portalUrl: string
}

/** The name under which the core knows the platform itself, whatever its account on Gitea is called. */
export const platformName = 'fairway'
export const contextOf = (check: string): string => `fairway/${check}`

/** A pull request, its commit's statuses, its reviews and our record as one change request. */
export async function viewOf(
  parts: ViewParts,
  { repo, pull, record }: { repo: RepoRef; pull: Pull; record: ChangeRecord | undefined },
): Promise<HostChange> {
  const { login } = await parts.calls.self()
  const personOf = (name: string) => (name === login ? platformName : name.toLowerCase())
  const [checks, reviews] = await Promise.all([checksOf(parts, repo, pull.head.sha), reviewsOf(parts, repo, pull)])
  const said = record?.approvals ?? []
  // Who decided here and on Gitea has decided twice: the newer one counts.
  const newest = new Map<string, Approval>()
  for (const one of [...said, ...reviews].toSorted((a, b) => (a.at < b.at ? -1 : 1)))
    newest.set(`${one.by} ${one.commit ?? one.tree}`, one)
  const shared = {
    repo,
    number: pull.number,
    title: pull.title,
    description: pull.body ?? '',
    author: record?.author ?? personOf(pull.user.login),
    base: pull.base.ref,
    head: pull.head.ref,
    baseCommit: pull.base.sha,
    headCommit: pull.head.sha,
    checks,
    approvals: [...newest.values()],
    createdAt: instant(pull.created_at),
  }
  if (!pull.merged) return { ...shared, state: pull.state }
  const mergedBy = record?.mergedBy ?? (pull.merged_by ? personOf(pull.merged_by.login) : platformName)
  return {
    ...shared,
    state: 'merged',
    mergedAt: instant(pull.merged_at ?? pull.created_at),
    mergedBy,
    ...(pull.merge_commit_sha && { mergeCommit: pull.merge_commit_sha }),
  }
}

/** Only what the platform said: anybody who may push may set a status of any name. */
async function checksOf({ calls, portalUrl }: ViewParts, repo: RepoRef, commit: string): Promise<Check[]> {
  const { id } = await calls.self()
  const path = `${pathOf(repo)}/commits/${commit}/statuses`
  const all = await calls.all(path, Status, { most: 500, query: { sort: 'recentupdate' }, scope: scopes.repository })
  const newestFirst = all.toSorted((one, other) => other.id - one.id)
  const checks = new Map<string, Check>()
  for (const { context, status, description, target_url: target, creator, updated_at: at } of newestFirst) {
    if (creator?.id !== id || !context.startsWith(contextOf('')) || checks.has(context)) continue
    const state = status === 'success' || status === 'pending' ? status : 'failure'
    const link = target?.startsWith(portalUrl) ? target.slice(portalUrl.length) : undefined
    const name = context.slice(contextOf('').length)
    checks.set(context, { name, state, summary: description, at: instant(at), ...(link && { link }) })
  }
  return [...checks.values()]
}

const decisions: Readonly<Record<string, Approval['decision']>> = { APPROVED: 'approve', REQUEST_CHANGES: 'reject' }

/** What people decided on Gitea with their own accounts. */
async function reviewsOf({ calls, mirror }: ViewParts, repo: RepoRef, pull: Pull): Promise<Approval[]> {
  const { login } = await calls.self()
  const path = `${pathOf(repo)}/pulls/${pull.number}/reviews`
  const all = await calls.all(path, Review, { most: 500, scope: scopes.repository })
  const found = all.map(async ({ user, state, body, commit_id: commit, dismissed, submitted_at: at }) => {
    const decision = decisions[state]
    const by = Name.safeParse(user?.login.toLowerCase())
    if (!decision || dismissed || user?.login === login || !by.success) return undefined
    const looked = await mirror.locate(repo, commit)
    const tree = looked && (await treeOf(looked.repo, looked.ref))
    if (tree === undefined) return undefined
    return { by: by.data, decision, comment: body, tree, commit, at: instant(at), valid: commit === pull.head.sha }
  })
  return (await Promise.all(found)).filter((one) => one !== undefined)
}

/** Gitea tells times in its own zone. */
function instant(text: string): string {
  return new Date(text).toISOString()
}
