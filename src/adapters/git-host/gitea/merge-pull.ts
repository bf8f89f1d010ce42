import { codeOf, PlatformError } from '#errors/platform-error.ts'
import { commitTree, log, mergeBase } from '#lib/git/commits.ts'
import { mergeTrees } from '#lib/git/merge-trees.ts'
import { pushRefs } from '#lib/git/remote.ts'
import type { GitRepository } from '#lib/git/run-git.ts'
import { treeOf } from '#lib/git/trees.ts'
import type { HostChange } from '#model/change-request.ts'
import type { Changes } from '#ports/git-host.ts'
import { pathOf, scopes } from './calls.ts'
import { type ChangeParts, type ChangeReader, openOnly, recordOf } from './changes.ts'

type MergeRequest = Parameters<Changes['merge']>[0]

const platformSignature = { name: 'Fairway', email: 'fairway@fairway.local' }
const tries = 10

/**
 * Puts one signed commit on the base by a push that compares before it swaps, then tells Gitea that this is the merge.
 * Should we die between, the next attempt finds the commit on the base and tells Gitea of it.
 */
export async function mergePull(parts: ChangeParts, request: MergeRequest, pulls: ChangeReader): Promise<HostChange> {
  const { calls, records, emit } = parts
  const { repo, number, mergedBy } = request
  const change = await pulls.need(repo, number)
  if (change.state === 'merged') return settled(parts, request, pulls)
  openOnly(change)
  const { before, commit } = await land(parts, request, change)
  const body = { Do: 'manually-merged', MergeCommitID: commit }
  // 405: it was told before, and the answer was lost.
  await calls.send('POST', `${pathOf(repo)}/pulls/${number}/merge`, { body, scope: scopes.repository, accept: [405] })
  const { id } = await calls.needRepository(repo)
  const merged: HostChange = {
    ...change,
    headCommit: request.expectedHead,
    baseCommit: before,
    state: 'merged',
    mergeCommit: commit,
    mergedBy,
    mergedAt: new Date().toISOString(),
  }
  const known = await pulls.need(repo, number)
  if (known.state !== 'merged')
    throw new PlatformError('PRODUCT_FAILED', `Gitea does not take ${commit.slice(0, 12)} as the merge of ${number}.`)
  await records.write({ repository: id, number }, (record = recordOf(change)) => ({
    ...record,
    mergedBy,
    ended: merged,
  }))
  emit({ type: 'push', repo, ref: `refs/heads/${change.base}`, before, after: commit, actor: mergedBy })
  return merged
}

/** Writes down what a merge that was cut off left unsaid. */
async function settled({ calls, records }: ChangeParts, request: MergeRequest, pulls: ChangeReader) {
  const { repo, number } = request
  const { id } = await calls.needRepository(repo)
  const change = await pulls.need(repo, number)
  const written = await records.write({ repository: id, number }, (record = recordOf(change)) => {
    const mergedBy = record.mergedBy ?? request.mergedBy
    return { ...record, mergedBy, ended: record.ended ?? { ...change, mergedBy } }
  })
  return written.ended ?? change
}

async function land(parts: ChangeParts, request: MergeRequest, change: HostChange) {
  const { mirror, remote, signer } = parts
  const { repo, expectedHead, message, authoredBy } = request
  for (let turn = 1; ; turn++) {
    const [head, base] = [await mirror.locate(repo, change.head), await mirror.locate(repo, change.base)]
    if (head?.ref !== expectedHead || !base)
      throw new PlatformError(
        'CONFLICT',
        `The branch ${change.head} has newer commits than the one that was looked at.`,
        {
          hint: 'look at the newest commit and repeat',
        },
      )
    const place = { repo: base.repo, base: base.ref, head: expectedHead }
    const landed = await landedBefore(place, message)
    if (landed) return landed
    const merged = await mergeTrees(base.repo, { ours: base.ref, theirs: expectedHead })
    if (!merged.clean) throw conflict(change, merged.conflicts)
    const commit = await commitTree(base.repo, {
      tree: merged.tree,
      parents: [base.ref],
      message,
      author: personSignature(authoredBy),
      committer: platformSignature,
      at: new Date(),
      signer,
    })
    try {
      const to = `refs/heads/${change.base}`
      await pushRefs(base.repo, await remote(repo), [{ commit, to, expect: base.ref }])
      return { before: base.ref, commit }
    } catch (error) {
      if (codeOf(error) !== 'CONFLICT' || turn >= tries) throw error // the base moved on
    }
  }
}

/** The commit of an earlier attempt: same message, and its tree is what merging this head into its parent gives. */
async function landedBefore(
  { repo, base, head }: { repo: GitRepository; base: string; head: string },
  message: string,
) {
  const from = await mergeBase(repo, base, head)
  if (from === undefined) return undefined
  for (const { commit, parents, subject, body } of await log(repo, { ref: base, not: from, limit: 1000 })) {
    const [before] = parents
    if (before === undefined || `${subject}\n\n${body}`.trim() !== message.trim()) continue
    const again = await mergeTrees(repo, { ours: before, theirs: head })
    const trees = [await treeOf(repo, before), await treeOf(repo, commit)]
    if (again.clean && again.tree === trees[1] && trees[0] !== trees[1]) return { before, commit }
  }
  return undefined
}

function conflict({ number, base, head }: HostChange, paths: readonly string[]): PlatformError {
  const list = paths.slice(0, 10).join(', ')
  return new PlatformError('MERGE_CONFLICT', `Change request ${number} no longer applies to ${base}: ${list}.`, {
    hint: `rebase ${head} onto ${base}`,
    facts: { paths },
  })
}

function personSignature(name: string): { name: string; email: string } {
  const found = /^(.*)<([^<>]+)>$/.exec(name)
  return found ? { name: found[1] ?? '', email: found[2] ?? '' } : { name, email: `${name}@fairway.local` }
}
