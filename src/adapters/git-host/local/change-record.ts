import { z } from 'zod'
import { readNamed } from '#lib/git/blobs.ts'
import { commitTree, listRefs } from '#lib/git/commits.ts'
import { type GitRepository, gitText } from '#lib/git/run-git.ts'
import { writeTree } from '#lib/git/trees.ts'
import { Approval, ChangeState, Check } from '#model/change-request.ts'

/** What `refs/changes/<n>/meta` holds: the truth about one change request. Every edit is a commit on top of the last. */
export const ChangeRecord = z.object({
  key: z.string(),
  title: z.string(),
  description: z.string(),
  author: z.string(),
  base: z.string(),
  head: z.string(),
  state: ChangeState,
  createdAt: z.string(),
  /** Where base and head were when it ended. */
  ended: z.object({ at: z.string(), by: z.string(), baseCommit: z.string(), headCommit: z.string() }).optional(),
  mergeCommit: z.string().optional(),
  reason: z.string().optional(),
  approvals: z.array(Approval),
})
export type ChangeRecord = z.infer<typeof ChangeRecord>

export const changeRefs = (number: number) => ({
  head: `refs/changes/${number}/head`,
  meta: `refs/changes/${number}/meta`,
  /** Written before a merge moves the base: the record as it will be afterwards. */
  intent: `refs/changes/${number}/merge`,
})

export const platformSignature = { name: 'Fairway', email: 'fairway@fairway.local' }

export async function readRecords(repo: GitRepository, refs: readonly string[]): Promise<(ChangeRecord | undefined)[]> {
  const texts = await readNamed(
    repo,
    refs.flatMap((ref) => [`${ref}:change.json`, `${ref}:reviews.json`]),
  )
  return refs.map((_, index) => {
    const [change, reviews] = [texts[index * 2], texts[index * 2 + 1]]
    if (change === undefined || reviews === undefined) return undefined
    return ChangeRecord.parse({ ...JSON.parse(change), approvals: JSON.parse(reviews) })
  })
}

/** Writes the record as a commit and gives its id; moving the ref is up to the caller. */
export async function writeRecord(
  repo: GitRepository,
  { record, parent, at }: { record: ChangeRecord; parent: string | undefined; at: string },
): Promise<string> {
  const { approvals, ...change } = record
  const tree = await writeTree(repo, [
    { path: 'change.json', content: `${JSON.stringify(change, null, 2)}\n` },
    { path: 'reviews.json', content: `${JSON.stringify(approvals, null, 2)}\n` },
  ])
  const parents = parent === undefined ? [] : [parent]
  return commitTree(repo, { tree, parents, message: record.state, author: platformSignature, at })
}

/** Numbers of all change requests of a repository. */
export async function changeNumbers(repo: GitRepository): Promise<number[]> {
  const refs = [...(await listRefs(repo, 'refs/changes')).keys()]
  return refs
    .flatMap((ref) => /^refs\/changes\/(\d+)\/meta$/.exec(ref)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

/** Ids of refs in one process, in order; an absent ref is undefined. */
export async function readRefs(repo: GitRepository, refs: readonly string[]): Promise<(string | undefined)[]> {
  if (refs.length === 0) return []
  const text = await gitText(repo, ['cat-file', '--batch-check=%(objectname)'], { input: `${refs.join('\n')}\n` })
  return text.split('\n').map((line) => (/^[0-9a-f]{40}$/.test(line) ? line : undefined))
}

export const checksRef = (commit: string) => `refs/fairway/checks/${commit}`

/** Checks belong to a commit, whether or not a change request shows it. */
export async function readChecks(repo: GitRepository, commits: readonly string[]): Promise<Check[][]> {
  const texts = await readNamed(repo, commits.map(checksRef))
  return texts.map((text) => (text === undefined ? [] : z.array(Check).parse(JSON.parse(text))))
}

export function writeBlob(repo: GitRepository, content: string): Promise<string> {
  return gitText(repo, ['hash-object', '-w', '--stdin'], { input: content })
}
