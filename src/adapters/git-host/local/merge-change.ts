import { PlatformError } from '#errors/platform-error.ts'
import { commitTree, updateRef, updateRefs } from '#lib/git/commits.ts'
import { mergeTrees } from '#lib/git/merge-trees.ts'
import type { HostChange } from '#model/change-request.ts'
import type { Changes } from '#ports/git-host.ts'
import { changeRefs, platformSignature, writeRecord } from './change-record.ts'
import { type ChangeParts, openOnly } from './changes.ts'

/**
 * Puts one commit on the base. The record as it will be is kept beside first, then base and record move in one
 * transaction; should we die between, whoever reads the change request next finds the commit on the base and finishes.
 */
export async function mergeChange(
  { store, emit, signer }: ChangeParts,
  request: Parameters<Changes['merge']>[0],
  told: (change: HostChange) => HostChange,
): Promise<HostChange> {
  const stored = await store.need(request.repo, request.number)
  if (stored.record.state === 'merged') return stored.view
  const { view, record, repo, meta } = openOnly(stored)
  if (view.headCommit !== request.expectedHead)
    throw new PlatformError('CONFLICT', `The branch ${view.head} has newer commits than the one that was looked at.`, {
      hint: 'look at the newest commit and repeat',
    })
  const merged = await mergeTrees(repo, { ours: view.baseCommit, theirs: view.headCommit })
  if (!merged.clean) throw conflict(view, merged.conflicts)
  const at = new Date().toISOString()
  const mergeCommit = await commitTree(repo, {
    tree: merged.tree,
    parents: [view.baseCommit],
    message: request.message,
    author: personSignature(request.authoredBy),
    committer: platformSignature,
    at,
    signer,
  })
  const ended = { at, by: request.mergedBy, baseCommit: view.baseCommit, headCommit: view.headCommit }
  const after = { ...record, state: 'merged' as const, mergeCommit, ended }
  const next = await writeRecord(repo, { record: after, parent: meta, at })
  const refs = changeRefs(view.number)
  store.doubt(view.repo)
  await updateRef(repo, { ref: refs.intent, to: next })
  await updateRefs(repo, [
    { ref: `refs/heads/${view.base}`, to: mergeCommit, from: view.baseCommit },
    { ref: refs.meta, to: next, from: meta },
  ])
  const ref = `refs/heads/${view.base}`
  emit({ type: 'push', repo: view.repo, ref, before: view.baseCommit, after: mergeCommit, actor: request.mergedBy })
  return told(await store.refresh(view.repo, view.number))
}

function conflict(view: HostChange, paths: readonly string[]): PlatformError {
  const list = paths.slice(0, 10).join(', ')
  return new PlatformError(
    'MERGE_CONFLICT',
    `Change request ${view.number} no longer applies to ${view.base}: ${list}.`,
    {
      hint: `rebase ${view.head} onto ${view.base}`,
      facts: { paths },
    },
  )
}

function personSignature(name: string): { name: string; email: string } {
  const found = /^(.*)<([^<>]+)>$/.exec(name)
  return found ? { name: found[1] ?? '', email: found[2] ?? '' } : { name, email: `${name}@fairway.local` }
}
